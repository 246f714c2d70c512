package dev.quern.kernels.conv;

import dev.quern.kernels.Support;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.expr.EpilogueText;

/** What the host rungs agree on. */
final class HostConv2d {
    private HostConv2d() {
    }

    /** Java epilogues read what textual ones read: F32 operands of any broadcast. */
    static Support takes(Epilogue epilogue) {
        return Support.unless(EpilogueText.scalarObstacle(epilogue));
    }
}
