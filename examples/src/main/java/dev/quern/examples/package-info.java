/** Example models: a short file each. */
package dev.quern.examples;
