/**
 * Generated elementwise kernels: expressions over tensors read with strides (broadcast, transposed), several independent
 * parts in one launch.
 */
package dev.quern.kernels.pointwise;
