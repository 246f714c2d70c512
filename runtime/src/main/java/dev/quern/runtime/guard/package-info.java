/** Memory that notices when a kernel writes outside of it, on any device. */
package dev.quern.runtime.guard;
