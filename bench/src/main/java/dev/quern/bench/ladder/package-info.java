/** The rungs of a family side by side on one problem: how quick each is, how near to what the device can, and why. */
package dev.quern.bench.ladder;
