package dev.quern.examples;

import dev.quern.graph.op.Value;
import dev.quern.layers.data.Dataset;
import dev.quern.layers.data.Feed;
import dev.quern.layers.data.Samples;
import dev.quern.layers.data.Split;
import dev.quern.layers.nn.LayerContext;
import dev.quern.layers.nn.Loss;
import dev.quern.layers.nn.Model;
import dev.quern.layers.train.Batch;
import dev.quern.layers.train.Classification;
import dev.quern.layers.train.Meter;
import dev.quern.layers.train.Objective;
import dev.quern.layers.train.Task;
import dev.quern.layers.train.TrainOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * {@link GoogLeNet} with the two auxiliary heads of its paper (section 5): they classify too, from halfway up, and in training their losses
 * count for {@value #SHARE} of the network's own.
 */
public final class GoogLeNetWithHeads implements ExampleModel {
    private static final double SHARE = 0.3;

    private final ExampleModel network;

    /** For small pictures. */
    public GoogLeNetWithHeads() {
        this(new GoogLeNet());
    }

    private GoogLeNetWithHeads(ExampleModel network) {
        this.network = network;
    }

    @Override
    public String name() {
        return "googlenet-aux";
    }

    @Override
    public String description() {
        return network.description() + ", with its two auxiliary heads in training";
    }

    @Override
    public Task task() {
        return withHeads(network.task());
    }

    @Override
    public Task task(Split<? extends Samples> data) {
        return withHeads(network.task(data));
    }

    private Task withHeads(Task plain) {
        if (plain instanceof Classification classification) {
            return new WithHeads(name(), classification);
        }
        throw new IllegalArgumentException(plain.name() + " is no classification");
    }

    @Override
    public Optional<ExampleModel> inFullSize() {
        return network.inFullSize().map(GoogLeNetWithHeads::new);
    }

    @Override
    public TrainOptions recipe() {
        return network.recipe();
    }

    @Override
    public Split<? extends Samples> builtInData() {
        return network.builtInData();
    }

    @Override
    public Split<? extends Samples> data(Path folder) {
        return network.data(folder);
    }

    /** The outputs of a build: the network's logits and those of its heads. */
    private record Logits(Value network, Value first, Value second) {
    }

    private record WithHeads(String name, Classification plain) implements Task {
        @Override
        public List<Feed> feeds() {
            return plain.feeds();
        }

        private Logits build(LayerContext context, Batch batch) {
            Model model = plain.model();
            Value low = GoogLeNet.bottom().build(context, batch.value(Dataset.INPUT));
            Value first = context.build("aux1", GoogLeNet.head(512, model.classes()), low);
            Value high = GoogLeNet.middle().build(context, low);
            Value second = context.build("aux2", GoogLeNet.head(528, model.classes()), high);
            return new Logits(GoogLeNet.top(model.classes()).build(context, high), first, second);
        }

        @Override
        public List<Objective> objectives(LayerContext context, Batch batch) {
            Logits logits = build(context, batch);
            Value labels = batch.value(Dataset.LABELS);
            Loss loss = Loss.crossEntropy(plain.labelSmoothing());
            Value heads = context.graph().add(loss.build(context.graph(), logits.first(), labels),
                    loss.build(context.graph(), logits.second(), labels));
            return List.of(Objective.of(context.graph().add(loss.build(context.graph(), logits.network(), labels),
                    context.graph().mul(heads, context.graph().constant(SHARE)))));
        }

        /** The heads' too, so that a checkpoint of training is one of evaluation. */
        @Override
        public SortedMap<String, Value> outputs(LayerContext context, Batch batch) {
            Logits logits = build(context, batch);
            return new TreeMap<>(Map.of(Classification.LOGITS, logits.network(), "aux1", logits.first(), "aux2", logits.second()));
        }

        @Override
        public Meter meter() {
            return plain.meter();
        }

        @Override
        public Map<String, String> metadata() {
            return plain.metadata();
        }
    }
}
