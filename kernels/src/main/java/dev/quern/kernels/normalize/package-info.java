/**
 * Normalisation: batch, group (which covers layer and instance), root mean square and local response norm, and their
 * gradients. A tensor is seen as [batch, channels, inner].
 */
package dev.quern.kernels.normalize;
