package dev.quern.layers.text;

import dev.quern.graph.ir.GraphBuilder;
import dev.quern.graph.op.Value;
import dev.quern.graph.plan.Plan;
import dev.quern.layers.checkpoint.Checkpoint;
import dev.quern.layers.nn.LayerContext;
import dev.quern.runtime.DType;
import dev.quern.runtime.Device;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.QuernException;
import dev.quern.runtime.Shape;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Turns texts into others with a trained model, keeping the likeliest few beginnings at each step (beam search; with one it is greedy). It owns
 * its state and its plan, and borrows the device.
 */
public final class Translator implements AutoCloseable {
    private static final String LOGITS = "logits";
    private static final String ATTENTION = "attention";

    private final PairFormat format;
    private final int beam;
    private final RestoredPlan restored;
    private final Plan plan;

    private Translator(PairFormat format, int beam, RestoredPlan restored) {
        this.format = format;
        this.beam = beam;
        this.restored = restored;
        this.plan = restored.plan();
    }

    /**
     * What came of a text.
     *
     * @param text           the likeliest found
     * @param logProbability its logarithm, of the whole with its end
     * @param attention      how much each step, the end included, looked at each character of the source; empty if the model does not show it
     */
    public record Result(String text, double logProbability, double[][] attention) {
    }

    /** A beginning: what was said, how likely it is, and whether it ended. */
    private record Hypothesis(List<Integer> said, double logProbability, boolean ended) {
        Hypothesis and(int token, double logarithm) {
            List<Integer> longer = new ArrayList<>(said);
            longer.add(token);
            return new Hypothesis(longer, logProbability + logarithm, token == PairFormat.END);
        }
    }

    /**
     * Compiles the model and loads its parameters.
     *
     * @param beam beginnings that are kept
     * @throws QuernException if the checkpoint does not fit the model
     */
    public static Translator open(Translation model, int beam, Checkpoint checkpoint, Device device) {
        if (beam < 1) {
            throw new QuernException("beam is " + beam + ", expected at least 1");
        }
        checkpoint.requireModel(model.name());
        checkpoint.requireMetadata(model.metadata());
        PairFormat format = model.format();
        GraphBuilder graph = new GraphBuilder(model.name() + "-translate");
        LayerContext context = LayerContext.root(graph, false);
        Value source = graph.input(PairFormat.SOURCE, DType.I32, Shape.of(beam, format.sourceLength()));
        Value lengths = graph.input(PairFormat.LENGTHS, DType.I32, Shape.of(beam));
        Value read = graph.input(PairFormat.READ, DType.I32, Shape.of(beam, format.steps()));
        EncoderDecoder.Said said = model.network().decode(context, model.network().encode(context, source, lengths), read);
        graph.output(LOGITS, said.logits());
        said.attention().ifPresent(weights -> graph.output(ATTENTION, weights));
        return new Translator(format, beam, RestoredPlan.of(graph, context, checkpoint, device));
    }

    /**
     * Turns a text into another.
     *
     * @throws QuernException if it is empty or too long, or has a character that the model does not know
     */
    public Result translate(String text) {
        int[] source = format.encodeSource(text);
        int length = text.codePointCount(0, text.length());
        MemorySegment sources = plan.input(PairFormat.SOURCE);
        MemorySegment lengths = plan.input(PairFormat.LENGTHS);
        for (int row = 0; row < beam; row++) {
            MemorySegment.copy(source, 0, sources, ValueLayout.JAVA_INT, 4L * row * source.length, source.length);
            lengths.setAtIndex(ValueLayout.JAVA_INT, row, length);
        }
        List<Hypothesis> kept = List.of(new Hypothesis(List.of(), 0, false));
        for (int step = 0; step < format.steps() && !kept.stream().allMatch(Hypothesis::ended); step++) {
            kept = extend(kept, step);
        }
        Hypothesis best = kept.getFirst();
        return new Result(format.decodeTarget(best.said), best.logProbability, attention(best, length));
    }

    /** The likeliest continuations, the likeliest first; of equals, the one of the likelier beginning and the smaller token. */
    private List<Hypothesis> extend(List<Hypothesis> kept, int step) {
        run(kept);
        HostTensor logits = plan.read(LOGITS);
        List<Hypothesis> longer = new ArrayList<>();
        for (int row = 0; row < kept.size(); row++) {
            Hypothesis hypothesis = kept.get(row);
            if (hypothesis.ended) {
                longer.add(hypothesis);
                continue;
            }
            double[] logarithms = logSoftmax(logits, ((long) row * format.steps() + step) * format.targetTokens());
            for (int token = 0; token < logarithms.length; token++) {
                longer.add(hypothesis.and(token, logarithms[token]));
            }
        }
        longer.sort(Comparator.comparingDouble(Hypothesis::logProbability).reversed());
        return List.copyOf(longer.subList(0, Math.min(beam, longer.size())));
    }

    private void run(List<Hypothesis> kept) {
        MemorySegment read = plan.input(PairFormat.READ);
        read.fill((byte) 0);
        for (int row = 0; row < kept.size(); row++) {
            List<Integer> said = kept.get(row).said;
            for (int i = 0; i < Math.min(said.size(), format.steps() - 1); i++) {
                read.setAtIndex(ValueLayout.JAVA_INT, (long) row * format.steps() + 1 + i, said.get(i));
            }
        }
        plan.run();
    }

    private double[] logSoftmax(HostTensor logits, long from) {
        double[] values = new double[format.targetTokens()];
        double largest = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < values.length; i++) {
            values[i] = logits.get(from + i);
            largest = Math.max(largest, values[i]);
        }
        double sum = 0;
        for (double value : values) {
            sum += StrictMath.exp(value - largest);
        }
        if (!Double.isFinite(sum)) {
            throw new QuernException("the model's logits are not finite; was its training cut off while it diverged?");
        }
        for (int i = 0; i < values.length; i++) {
            values[i] -= largest + StrictMath.log(sum);
        }
        return values;
    }

    private double[][] attention(Hypothesis best, int length) {
        if (!plan.outputs().contains(ATTENTION)) {
            return new double[0][];
        }
        run(List.of(best));
        HostTensor weights = plan.read(ATTENTION);
        double[][] rows = new double[best.said.size()][length];
        for (int step = 0; step < rows.length; step++) {
            for (int place = 0; place < length; place++) {
                rows[step][place] = weights.get((long) step * format.sourceLength() + place);
            }
        }
        return rows;
    }

    /** Releases the plan and the state. */
    @Override
    public void close() {
        restored.close();
    }
}
