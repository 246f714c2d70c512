package dev.quern.layers.text;

import dev.quern.graph.ir.GraphBuilder;
import dev.quern.graph.op.Value;
import dev.quern.graph.plan.Plan;
import dev.quern.graph.plan.State;
import dev.quern.layers.checkpoint.Checkpoint;
import dev.quern.layers.nn.LayerContext;
import dev.quern.layers.random.RandomStream;
import dev.quern.runtime.DType;
import dev.quern.runtime.Device;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.QuernException;
import dev.quern.runtime.Shape;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.Consumer;

/**
 * Writes text with a trained language model, character by character. A network that can step reads each character once; any
 * other reads the last window of the text anew for each. It owns its state and its plan, and borrows the device.
 */
public final class TextGenerator implements AutoCloseable {
    private static final String TOKENS = "tokens";
    private static final String LOGITS = "logits";

    private final Vocabulary vocabulary;
    private final boolean stepping;
    /** Characters that the plan reads at a time. */
    private final int length;
    private final RestoredPlan restored;
    private final Plan plan;
    private final HostTensor logits;

    private TextGenerator(LanguageModel model, RestoredPlan restored) {
        this.vocabulary = model.vocabulary();
        this.stepping = model.network() instanceof SteppingNetwork;
        this.restored = restored;
        this.plan = restored.plan();
        this.length = plan.inputType(TOKENS).shape().extent(1);
        this.logits = HostTensor.zeros(DType.F32, plan.outputType(LOGITS).shape());
    }

    /**
     * Compiles the model and loads its parameters.
     *
     * @throws QuernException if the checkpoint does not fit the model
     */
    public static TextGenerator open(LanguageModel model, Checkpoint checkpoint, Device device) {
        checkpoint.requireModel(model.name());
        GraphBuilder graph = new GraphBuilder(model.name() + "-generate");
        LayerContext context = LayerContext.root(graph, false);
        boolean steps = model.network() instanceof SteppingNetwork;
        Value tokens = graph.input(TOKENS, DType.I32, Shape.of(1, steps ? 1 : model.length()));
        graph.output(LOGITS, model.network() instanceof SteppingNetwork network ? network.step(context, tokens)
                : model.network().build(context, tokens));
        return new TextGenerator(model, RestoredPlan.of(graph, context, checkpoint, device));
    }

    /**
     * Goes on from a prompt. The same prompt, sampling and seed give the same text on one device.
     *
     * @param prompt at least one character, all in the vocabulary
     * @param count  characters to add
     * @param each   is told every added character
     * @return the added characters
     * @throws QuernException if the prompt is empty or has a character that is not in the vocabulary
     */
    public String generate(String prompt, int count, Sampling sampling, long seed, Consumer<String> each) {
        if (prompt.isEmpty()) {
            throw new QuernException("the prompt is empty; give at least one character to go on from");
        }
        int[] known = vocabulary.encode("the prompt", prompt);
        int[] text = new int[known.length + count];
        System.arraycopy(known, 0, text, 0, known.length);
        RandomStream random = new RandomStream(seed, "generate", 0);
        forget();
        double[] scores = new double[vocabulary.size()];
        for (int read = 1; read < text.length; read++) {
            if (stepping || read >= known.length) {
                read(text, read, scores);
            }
            if (read >= known.length) {
                text[read] = sampling.pick(scores, random);
                each.accept(vocabulary.decode(text[read]));
            }
        }
        int[] added = new int[count];
        System.arraycopy(text, known.length, added, 0, count);
        return vocabulary.decode(added);
    }

    private void forget() {
        State state = restored.state();
        for (String path : state.paths()) {
            if (path.startsWith(SteppingNetwork.MEMORY)) {
                state.write(path, HostTensor.zeros(state.type(path).dtype(), state.type(path).shape()));
            }
        }
    }

    /** Reads up to the place and gives the logits of what follows. */
    private void read(int[] text, int place, double[] scores) {
        int counted = Math.min(place, length);
        MemorySegment tokens = plan.input(TOKENS);
        tokens.fill((byte) 0);
        MemorySegment.copy(text, place - counted, tokens, ValueLayout.JAVA_INT, 0, counted);
        plan.run();
        plan.read(LOGITS, logits);
        for (int i = 0; i < scores.length; i++) {
            scores[i] = logits.memory().getAtIndex(ValueLayout.JAVA_FLOAT, (long) (counted - 1) * scores.length + i);
            if (!Double.isFinite(scores[i])) {
                throw new QuernException("the model's logits are not finite; was its training cut off while it diverged?");
            }
        }
    }

    /** Releases the plan and the state. */
    @Override
    public void close() {
        restored.close();
    }
}
