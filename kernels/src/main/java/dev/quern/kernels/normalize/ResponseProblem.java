package dev.quern.kernels.normalize;

/** Local response norm and its gradient. */
sealed interface ResponseProblem extends NormProblem permits LocalResponseNormProblem, LocalResponseNormBackwardProblem {
    /** Window and exponents. */
    LocalResponse response();
}
