/** Where the time of a training step goes, held against what the device was seen to do. */
package dev.quern.bench.profile;
