package dev.quern.graph.fuse;

import dev.quern.graph.expr.ExprForm;
import dev.quern.graph.ir.Node;
import dev.quern.graph.op.Constant;
import dev.quern.graph.op.Pointwise;
import dev.quern.runtime.DeviceInfo;

/**
 * Every heuristic of fusion, in one place. Nothing here decides whether a fusion is right, only whether it pays; the numbers
 * are rough on purpose.
 */
final class Profit {
    /** Most tensors that an epilogue reads. */
    static final int EPILOGUE_OPERANDS = 6;
    /** Most nodes of an expression written out as a tree: beyond it compilers and registers suffer. */
    static final int EXPRESSION_SIZE = 256;
    /** Most memory arguments of a generated kernel; 1,024 bytes of arguments are what every device takes. */
    static final int KERNEL_ARGUMENTS = 28;
    /** Most memory arguments of an update kernel, which serves many tensors. */
    static final int UPDATE_ARGUMENTS = 112;
    /** How much worse than the best variant one may be that takes an epilogue which the best does not. */
    static final double EPILOGUE_LOSS = 0.75;

    private final double launchMicroseconds;
    private final double bytesPerMicrosecond;
    private final double additionsPerMicrosecond;

    Profit(DeviceInfo device) {
        boolean cpu = device.isCpu();
        this.launchMicroseconds = cpu ? 8 : 3;
        this.bytesPerMicrosecond = cpu ? 10_000 : 500_000;
        this.additionsPerMicrosecond = cpu ? 8.0 * Math.max(1, device.computeUnits()) * 1_000 : 2_000_000;
    }

    /** The cost of one evaluation of a node's expression, in additions. */
    static int weight(Node node) {
        return node.op() instanceof Pointwise pointwise ? ExprForm.weight(pointwise.expression()) : 0;
    }

    /**
     * Whether evaluating a node again in each of its readers costs less than storing it.
     *
     * @param node        the node
     * @param evaluations how many of its elements all readers together evaluate
     */
    boolean recompute(Node node, long evaluations) {
        long elements = node.output(0).shape().elements();
        if (node.op() instanceof Constant || weight(node) == 0) {
            return true;
        }
        double again = (evaluations - elements) * (double) weight(node) / additionsPerMicrosecond;
        double stored = launchMicroseconds + (elements + evaluations) * (double) Float.BYTES / bytesPerMicrosecond;
        return again <= stored;
    }
}
