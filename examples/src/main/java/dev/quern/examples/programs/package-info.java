/** Short programs to start from, one for each way of using Quern. The README quotes them. */
package dev.quern.examples.programs;
