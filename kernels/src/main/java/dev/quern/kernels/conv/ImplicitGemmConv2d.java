package dev.quern.kernels.conv;

import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.KernelPlan.Reference;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Problem;
import dev.quern.kernels.Support;
import dev.quern.kernels.Tunable;
import dev.quern.kernels.Variant;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.expr.EpilogueText;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import dev.quern.runtime.KernelText;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The GEMM-based rung of each pass. */
final class ImplicitGemmConv2d<P extends Problem> implements Variant<P> {
    private static final int SIDE = 16;
    /** Elements that partial results may have in all. */
    private static final long MOST_PARTIAL = 16L << 20;

    private final Conv2dPass<P> pass;

    ImplicitGemmConv2d(Conv2dPass<P> pass) {
        this.pass = pass;
    }

    @Override
    public String name() {
        return "implicit_gemm";
    }

    @Override
    public Dialect dialect() {
        return Dialect.PORTABLE;
    }

    @Override
    public String summary() {
        return "The pass as a tiled matrix product in local memory whose operands are gathered where they lie, so that each "
                + "value fetched serves a whole tile and no column matrix is stored. Long sums are cut into slices for devices "
                + "with many cores.";
    }

    @Override
    public List<Tunable> tunables() {
        return List.of(new Tunable("PER_M", List.of(4, 2, 1), "rows of the product that a work-item keeps"),
                new Tunable("PER_N", List.of(4, 2, 1), "columns of the product that a work-item keeps"));
    }

    /** The product of one channel group. */
    private record Product(int groups, int rows, long columns, long depth) {
    }

    private Product product(P problem) {
        Conv2dGeometry g = pass.geometry().apply(problem);
        long outputs = (long) g.n() * g.p() * g.q();
        if (pass == Conv2dPass.FORWARD) {
            return new Product(g.groups(), g.groupK(), outputs, g.taps());
        }
        if (pass == Conv2dPass.BACKWARD_DATA) {
            return new Product(g.groups(), g.groupC(), (long) g.n() * g.h() * g.w(), (long) g.groupK() * g.r() * g.s());
        }
        return new Product(g.groups(), g.groupK(), g.taps(), outputs);
    }

    @Override
    public Support supports(P problem, DeviceInfo device) {
        Product product = product(problem);
        return Support.when(device.maxGroupSize() >= SIDE * SIDE, "needs groups of 256 work-items")
                .and(Support.when(device.localMemory() >= 8 * 272 * Float.BYTES, "needs 8704 bytes of local memory"))
                .and(Support.when(product.columns() < 1 << 30 && product.depth() < 1 << 30, "indices past 2^30"));
    }

    @Override
    public Support takes(Epilogue epilogue, P problem) {
        return Support.unless(EpilogueText.scalarObstacle(epilogue));
    }

    @Override
    public double preference(P problem, DeviceInfo device) {
        return device.isCpu() ? 0.005 : 0.3;
    }

    /** Tiles no larger than the product, and smaller ones where large ones would leave most of the device idle. */
    @Override
    public Parameters parameters(P problem, DeviceInfo device) {
        Product product = product(problem);
        int perM = product.rows() > 2 * SIDE ? 4 : product.rows() > SIDE ? 2 : 1;
        int perN = product.columns() > 2 * SIDE ? 4 : product.columns() > SIDE ? 2 : 1;
        while (pass != Conv2dPass.BACKWARD_WEIGHTS && perN > 1 && tiles(product, perM, perN) < device.computeUnits()) {
            perN /= 2;
        }
        return Parameters.defaults(tunables()).with("PER_M", perM).with("PER_N", perN);
    }

    private static long tiles(Product product, int perM, int perN) {
        return product.groups() * Math.ceilDiv((long) product.rows(), (long) SIDE * perM)
                * Math.ceilDiv(product.columns(), (long) SIDE * perN);
    }

    @Override
    public KernelPlan plan(P problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        Product product = product(problem);
        int perM = parameters.value("PER_M");
        int perN = parameters.value("PER_N");
        long elements = pass.outputElements(problem);
        long wanted = pass == Conv2dPass.BACKWARD_WEIGHTS ? Math.ceilDiv(4L * device.computeUnits(), tiles(product, perM, perN)) : 1;
        long most = Math.min(MOST_PARTIAL / elements, Math.ceilDiv(product.depth(), 16L * SIDE));
        long slices = Math.clamp(wanted, 1, Math.max(1, most));
        long depth = Math.ceilDiv(Math.ceilDiv(product.depth(), slices), (long) SIDE) * SIDE;
        slices = Math.ceilDiv(product.depth(), depth);
        Epilogue own = slices == 1 ? epilogue : Epilogue.none();
        KernelText text = Conv2dText.load(pass.family() + "/implicit_gemm", Dialect.PORTABLE, "conv2d_implicit_gemm.cl",
                pass.geometry().apply(problem), own, elements, 1)
                .with(Map.of(passName(), 1, "PER_M", perM, "PER_N", perN, "SLICES", slices, "SLICE_DEPTH", depth));
        // In each pass the second operand (filter, filter, dy) is the product's a, and the first is gathered.
        List<Reference> arguments = new ArrayList<>(List.of(Reference.operand(1), Reference.operand(0)));
        arguments.add(slices == 1 ? Reference.operand(2) : Reference.workspace(0));
        arguments.addAll(Conv2dText.epilogueReferences(own));
        Grid grid = new Grid(Math.ceilDiv(product.columns(), (long) SIDE * perN), Math.ceilDiv(product.rows(), SIDE * perM),
                product.groups() * slices, SIDE, SIDE, 1);
        PlannedLaunch multiply = new PlannedLaunch(slices == 1 ? pass.family() : "multiply slices", text,
                "conv2d_implicit_gemm", grid, arguments);
        return slices == 1 ? KernelPlan.of(multiply)
                : new KernelPlan(List.of(multiply, join(epilogue, elements, (int) slices)), List.of(4 * elements * slices));
    }

    private String passName() {
        return pass.file().substring("conv2d_".length()).toUpperCase(Locale.ROOT);
    }

    private PlannedLaunch join(Epilogue epilogue, long elements, int slices) {
        KernelText text = Conv2dText.load(pass.family() + "/implicit_gemm join", Dialect.PORTABLE,
                "conv2d_join_slices_portable.cl", epilogue, elements, 1);
        List<Reference> arguments = new ArrayList<>(List.of(Reference.workspace(0), Reference.operand(2),
                Reference.number((int) elements), Reference.number(slices)));
        arguments.addAll(Conv2dText.epilogueReferences(epilogue));
        return new PlannedLaunch("join slices", text, "conv2d_join_slices", Grid.covering(elements, 64), arguments);
    }
}
