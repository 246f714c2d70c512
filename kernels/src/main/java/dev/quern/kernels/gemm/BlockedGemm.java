package dev.quern.kernels.gemm;

import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Support;
import dev.quern.kernels.Variant;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.expr.HostEpilogue;
import dev.quern.kernels.expr.Prologue;
import dev.quern.kernels.expr.Prologues;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import dev.quern.runtime.HostArguments;
import dev.quern.runtime.HostCode;

/** The host device's upper rung: packed blocks and loops that the JIT turns into vector code. */
final class BlockedGemm implements Variant<GemmProblem> {
    private static final int MOST_ROWS = 96;
    private static final int TILES_PER_CORE = 2;

    @Override
    public String name() {
        return "blocked";
    }

    @Override
    public Dialect dialect() {
        return Dialect.JAVA;
    }

    @Override
    public String summary() {
        return "A group owns a tile of c. It packs the rows of a and b that it needs next into arrays of its thread, where one "
                + "plain loop adds four rows of b, times four factors each, to four rows of c: sixteen multiply-adds for eight "
                + "loads, in vector registers.";
    }

    @Override
    public Support supports(GemmProblem problem, DeviceInfo device) {
        return Support.supported();
    }

    @Override
    public Support takes(Epilogue epilogue, GemmProblem problem) {
        return GemmText.takesScalar(epilogue);
    }

    @Override
    public double preference(GemmProblem problem, DeviceInfo device) {
        return 0.4;
    }

    @Override
    public Support takes(Prologue prologue, int operand, GemmProblem problem) {
        return GemmText.takesScalar(prologue, operand);
    }

    @Override
    public KernelPlan plan(GemmProblem problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        return plan(problem, device, parameters, Prologues.none(), epilogue);
    }

    @Override
    public KernelPlan plan(GemmProblem problem, DeviceInfo device, Parameters parameters, Prologues prologues,
            Epilogue epilogue) {
        int columns = Math.min(HostBlock.COLUMNS, problem.n());
        int tilesN = Math.ceilDiv(problem.n(), columns);
        int tilesM = Math.ceilDiv(problem.m(), MOST_ROWS);
        int wanted = device.computeUnits() * TILES_PER_CORE;
        if ((long) tilesM * tilesN * problem.batch() < wanted) {
            tilesM = Math.min(Math.ceilDiv(problem.m(), HostBlock.STEP),
                    Math.ceilDiv(wanted, Math.multiplyExact(tilesN, problem.batch())));
        }
        int rows = Math.ceilDiv(Math.ceilDiv(problem.m(), tilesM), HostBlock.STEP) * HostBlock.STEP;
        int along = Math.ceilDiv(problem.m(), rows);
        HostEpilogue finish = new HostEpilogue(epilogue);
        ThreadLocal<HostBlock> blocks = ThreadLocal.withInitial(() -> new HostBlock(problem, rows, prologues, epilogue));
        HostCode code = HostCode.of("gemm/blocked", "multiply",
                (arguments, group) -> tile(problem, blocks.get(), arguments, group, rows, along, finish));
        return KernelPlan.of(new PlannedLaunch("multiply", code, "multiply", Grid.ofTiles(along, tilesN, problem.batch()),
                HostStore.arguments(problem, prologues, epilogue)));
    }

    private static void tile(GemmProblem problem, HostBlock block, HostArguments arguments, long group, int rows, int along,
            HostEpilogue finish) {
        int tilesN = Math.ceilDiv(problem.n(), HostBlock.COLUMNS);
        int row = (int) (group % along) * rows;
        int column = (int) (group / along % tilesN) * HostBlock.COLUMNS;
        int product = (int) (group / along / tilesN);
        block.begin(product, row, Math.min(rows, problem.m() - row), column,
                Math.min(HostBlock.COLUMNS, problem.n() - column));
        for (int start = 0; start < problem.k(); start += HostBlock.DEPTH) {
            block.add(arguments, start,
                    Math.min(HostBlock.DEPTH, problem.k() - start));
        }
        block.store(arguments, finish);
    }
}
