package dev.quern.kernels.pointwise;

import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.KernelPlan.Reference;
import dev.quern.kernels.expr.BlockExpression;
import dev.quern.kernels.pointwise.PointwiseProblem.Part;
import dev.quern.runtime.Grid;
import dev.quern.runtime.HostCode;
import dev.quern.runtime.HostKernel;
import dev.quern.runtime.ProgramFile;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/** The launch of a pointwise problem on the host device, whatever evaluates its expressions. */
final class HostPointwise {
    private HostPointwise() {
    }

    static KernelPlan plan(PointwiseProblem problem, String variant, Function<Part, BlockExpression> expressions,
            Supplier<List<ProgramFile>> files) {
        List<HostPart> parts = new ArrayList<>();
        int input = 0;
        int output = problem.parts().stream().mapToInt(part -> part.inputs().size()).sum();
        for (Part part : problem.parts()) {
            parts.add(new HostPart(part, expressions.apply(part), input, output));
            input += part.inputs().size();
            output += part.results().size();
        }
        HostPart[] all = parts.toArray(HostPart[]::new);
        long[] firstTiles = new long[all.length];
        long tiles = 0;
        for (int p = 0; p < all.length; p++) {
            firstTiles[p] = tiles;
            tiles += all[p].tiles();
        }
        HostKernel kernel = (arguments, group) -> {
            int p = all.length - 1;
            while (firstTiles[p] > group) {
                p--;
            }
            all[p].run(arguments, group - firstTiles[p]);
        };
        List<Reference> references = IntStream.range(0, output).mapToObj(Reference::operand).toList();
        return KernelPlan.of(new PlannedLaunch("pointwise",
                new HostCode(PointwiseProblem.FAMILY + "/" + variant, Map.of("pointwise", kernel), files), "pointwise",
                Grid.ofTiles(tiles), references));
    }
}
