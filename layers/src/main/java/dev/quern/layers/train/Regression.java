package dev.quern.layers.train;

import dev.quern.graph.op.Value;
import dev.quern.layers.data.Feed;
import dev.quern.layers.data.NumberTable;
import dev.quern.layers.nn.LayerContext;
import dev.quern.layers.nn.Loss;
import dev.quern.layers.nn.Model;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Foretelling a number from others: the mean of squared differences in training, and in evaluation besides the share of the targets'
 * variance that the model explains.
 *
 * @param model gives one number a sample: its {@code classes} is 1, its samples are [features]
 */
public record Regression(Model model) implements Task {
    /** The evaluation output, F32 [batch, 1]. */
    public static final String PREDICTION = "prediction";

    @Override
    public String name() {
        return model.name();
    }

    @Override
    public List<Feed> feeds() {
        return NumberTable.feeds(model.sampleShape().extent(0));
    }

    @Override
    public List<Objective> objectives(LayerContext context, Batch batch) {
        Value prediction = model.build(context, batch.value(NumberTable.FEATURES));
        return List.of(Objective.of(Loss.meanSquaredError().build(context.graph(), prediction, batch.value(NumberTable.TARGET))));
    }

    @Override
    public SortedMap<String, Value> outputs(LayerContext context, Batch batch) {
        TreeMap<String, Value> outputs = new TreeMap<>();
        outputs.put(PREDICTION, model.build(context, batch.value(NumberTable.FEATURES)));
        return outputs;
    }

    @Override
    public Meter meter() {
        return new RegressionMeter(NumberTable.TARGET, PREDICTION);
    }
}
