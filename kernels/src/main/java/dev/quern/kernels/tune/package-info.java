/** What was measured before: the variant and parameters that were quickest for a problem on a device. */
package dev.quern.kernels.tune;
