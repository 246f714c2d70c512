package dev.quern.layers.optim;

import dev.quern.graph.ir.GraphBuilder;
import dev.quern.graph.op.Value;
import java.util.List;

/**
 * Adam (Kingma and Ba, ICLR 2015) and AdamW (Loshchilov and Hutter, ICLR 2019), in PyTorch's form: with moments m and v
 * and the step number t, the parameter falls by
 * {@code rate / (1 - beta1^t) * m / (sqrt(v) / sqrt(1 - beta2^t) + epsilon)}.
 *
 * @param beta1       decay of the first moment, in [0, 1)
 * @param beta2       decay of the second moment, in [0, 1)
 * @param epsilon     added to the root
 * @param weightDecay of the L2 penalty, or of the parameters themselves if decoupled
 * @param decoupled   whether decay shrinks the parameters apart from the gradient (AdamW)
 */
public record Adam(double beta1, double beta2, double epsilon, double weightDecay, boolean decoupled)
        implements Optimizer {
    private static final String STEP_SIZE = "optimizer/adam_step_size";
    private static final String ROOT_CORRECTION = "optimizer/adam_root_correction";

    public Adam {
        Ranges.fraction("Adam's beta1", beta1);
        Ranges.fraction("Adam's beta2", beta2);
        Ranges.notNegative("Adam's epsilon", epsilon);
        Ranges.notNegative("Adam's weight decay", weightDecay);
    }

    /** PyTorch's defaults: 0.9, 0.999, 1e-8, no decay. */
    public static Adam standard() {
        return new Adam(0.9, 0.999, 1e-8, 0, false);
    }

    /** AdamW with PyTorch's defaults otherwise. */
    public static Adam decoupled(double weightDecay) {
        return new Adam(0.9, 0.999, 1e-8, weightDecay, true);
    }

    @Override
    public String description() {
        return (decoupled ? "adamw" : "adam") + "(beta1=" + beta1 + ", beta2=" + beta2 + ", epsilon=" + epsilon
                + ", weight_decay=" + weightDecay + ")";
    }

    @Override
    public List<StepRule> scalars() {
        StepRule stepSize = new StepRule(STEP_SIZE, (step, rate) -> rate / (1 - Math.pow(beta1, step)));
        StepRule root = new StepRule(ROOT_CORRECTION, (step, rate) -> 1 / Math.sqrt(1 - Math.pow(beta2, step)));
        return decoupled && weightDecay > 0 ? List.of(StepRule.LEARNING_RATE, stepSize, root) : List.of(stepSize, root);
    }

    @Override
    public void update(Update update, Value parameter, Value gradient) {
        GraphBuilder graph = update.graph();
        Value direction = decoupled ? gradient : update.decayed(gradient, weightDecay, parameter);
        Value first = update.state("exp_avg", parameter);
        Value second = update.state("exp_avg_sq", parameter);
        Value nextFirst = update.mix(beta1, first, 1 - beta1, direction);
        Value nextSecond = update.mix(beta2, second, 1 - beta2, graph.square(direction));
        update.assign(first, nextFirst);
        update.assign(second, nextSecond);
        Value root = graph.mul(graph.sqrt(nextSecond), update.scalar(ROOT_CORRECTION));
        Value fall = graph.mul(update.scalar(STEP_SIZE), graph.div(nextFirst, graph.add(root, graph.constant(epsilon))));
        Value from = parameter;
        if (decoupled && weightDecay > 0) {
            Value shrink = graph.mul(update.learningRate(), graph.constant(weightDecay));
            from = graph.sub(parameter, graph.mul(shrink, parameter));
        }
        update.assign(parameter, graph.sub(from, fall));
    }
}
