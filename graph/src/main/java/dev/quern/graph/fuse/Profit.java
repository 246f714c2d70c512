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
    /** Most values that an epilogue keeps besides its result. */
    static final int EPILOGUE_KEPT = 2;
    /** How many anchors may come between a kernel and the first reader of what it keeps: until then the value takes memory. */
    static final int KEPT_DISTANCE = 8;
    /** Most nodes of an expression written out as a tree: beyond it compilers and registers suffer. */
    static final int EXPRESSION_SIZE = 256;
    /** Most memory arguments of a generated kernel; 1,024 bytes of arguments are what every device takes. */
    static final int KERNEL_ARGUMENTS = 28;
    /** Most nodes of all expressions of a kernel, each written out as a tree. */
    static final int KERNEL_SIZE = 1024;
    /** How many kernels are looked at, the latest ones, for one that takes in one more node; all would take long in long chains. */
    static final int SHARED_LAUNCHES = 8;
    /** How many kernels are searched for a way between two; large models have a few hundred. */
    static final int UNITS_SEARCHED = 512;
    /** Most memory arguments of an update kernel, which serves many tensors. */
    static final int UPDATE_ARGUMENTS = 112;
    /** How much worse than the best variant one may be that takes an epilogue which the best does not. */
    static final double EPILOGUE_LOSS = 0.75;

    /**
     * What a launch costs, in microseconds. On PoCL one that does nothing takes 3; between those of a training step, whose work the cores
     * share and for which they have to be woken, 10 to 15 pass. The plans of LeNet, the multilayer perceptron and VGG-11 are the same for
     * 3, 5, 8 and 12.
     */
    private static final double CPU_LAUNCH = 8;
    private static final double GPU_LAUNCH = 3;

    /**
     * What it costs a core, in microseconds, to read a run of neighbours of a tensor that no kernel has just written, where runs lie apart: it
     * waits for memory, which the kernel that would have stored the result has read ahead. Relu's gradient in GoogLeNet's gradients of batch
     * norm took 14 ns more a run of 16 elements, 36 of 4, twice, than in kernels of its own.
     */
    private static final double COLD_RUN = 0.03;

    /** Elements that a core reduces alone. */
    private static final double REDUCTION_ITEM = 16 * 1024;

    /** Rows or columns of a result that a tile of a device other than a CPU has, roughly. */
    private static final int TILE = 64;

    private final boolean cpu;
    private final int units;
    private final double launchMicroseconds;
    private final double bytesPerMicrosecond;
    private final double additionsPerMicrosecond;

    Profit(DeviceInfo device) {
        this.cpu = device.isCpu();
        this.units = Math.max(1, device.computeUnits());
        this.launchMicroseconds = cpu ? CPU_LAUNCH : GPU_LAUNCH;
        this.bytesPerMicrosecond = cpu ? 10_000 : 500_000;
        this.additionsPerMicrosecond = cpu ? 8.0 * units * 1_000 : 2_000_000;
    }

    /** Whether work on so many bytes takes less time than its launch: it may run beside other such work that it does not depend on. */
    boolean isSmall(long bytes) {
        return bytes / bytesPerMicrosecond < launchMicroseconds;
    }

    /** The cost of one evaluation of a node's expression, in additions. */
    static int weight(Node node) {
        return node.op() instanceof Pointwise pointwise ? ExprForm.weight(pointwise.expression()) : 0;
    }

    /**
     * Whether applying an expression to an operand as kernels load it costs less than a kernel that stores the result. Packing reads
     * each element once on CPUs; elsewhere each tile of the result loads its operands anew.
     *
     * @param weight   the expression's cost, in additions
     * @param elements elements of the operand
     * @param read     bytes that the expression reads
     * @param loads    how many times, in all kernels that load it, each element is loaded
     * @param alone    what it costs more, in microseconds, where a kernel that loads it has less to share among cores
     */
    boolean prologue(int weight, long elements, long read, long loads, double alone) {
        double work = (double) weight * elements / additionsPerMicrosecond;
        double stored = launchMicroseconds + work + (read + (1.0 + loads) * elements * Float.BYTES) / bytesPerMicrosecond;
        return loads * work + alone + (double) loads * read / bytesPerMicrosecond < stored;
    }

    /**
     * What an expression costs more, in microseconds, where a reduction computes it: on CPUs that shares what is long, and a pointwise
     * kernel shares everything.
     */
    double fewItems(int weight, long elements) {
        double items = Math.max(1, (double) elements / REDUCTION_ITEM);
        return cpu && items < units ? weight * elements / additionsPerMicrosecond * (units / items - 1) : 0;
    }

    /** What it costs more, in microseconds, where a CPU's kernel reads another tensor run by run. */
    double coldRuns(long runs) {
        return cpu ? runs * COLD_RUN / units : 0;
    }

    /** How many times a kernel loads each element of an operand of which tiles lie beside each other in the result. */
    long loads(long across) {
        return cpu ? 1 : Math.ceilDiv(across, TILE);
    }

    /**
     * Whether evaluating a node again in each of its readers costs less than storing it.
     *
     * @param node        the node
     * @param evaluations how many of its elements all readers together evaluate
     */
    boolean recompute(Node node, long evaluations) {
        if (node.op() instanceof Constant || weight(node) == 0) {
            return true;
        }
        return saved(node, evaluations) >= 0;
    }

    /**
     * The microseconds that it saves to evaluate a node in its readers: a launch, writing its elements and reading them, less what is
     * evaluated more than once.
     *
     * @param evaluations how many of its elements all readers together evaluate
     */
    double saved(Node node, long evaluations) {
        long elements = node.output(0).shape().elements();
        double again = (evaluations - elements) * (double) weight(node) / additionsPerMicrosecond;
        return launchMicroseconds + (elements + evaluations) * (double) Float.BYTES / bytesPerMicrosecond - again;
    }

    /** The same where every element is evaluated once. */
    double saved(Node node) {
        return saved(node, node.output(0).shape().elements());
    }

    /** The microseconds that it saves to compute a node where a kernel has its argument in registers: a launch, and reading it. */
    double savedBeside(Node node) {
        return launchMicroseconds + node.output(0).shape().elements() * (double) Float.BYTES / bytesPerMicrosecond;
    }

    /** The microseconds that launching so many kernels less saves. */
    double savedLaunches(int launches) {
        return launches * launchMicroseconds;
    }
}
