/** {@code quern bench}: measures kernel variants and training steps, beside peers, and reports rows. */
package dev.quern.bench;
