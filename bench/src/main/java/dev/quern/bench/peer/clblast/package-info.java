/** CLBlast through its C interface, loaded in a child process alone. */
package dev.quern.bench.peer.clblast;
