/** Initial values of parameters. */
package dev.quern.layers.init;
