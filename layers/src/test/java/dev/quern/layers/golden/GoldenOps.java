package dev.quern.layers.golden;

import dev.quern.layers.nn.Loss;
import dev.quern.layers.optim.Adadelta;
import dev.quern.layers.optim.Adagrad;
import dev.quern.layers.optim.Adam;
import dev.quern.layers.optim.Clipping;
import dev.quern.layers.optim.Optimizer;
import dev.quern.layers.optim.RmsProp;
import dev.quern.layers.optim.Schedule;
import dev.quern.layers.optim.Sgd;
import java.util.Optional;

/** The loss, optimizer or schedule that a golden case names, if Quern has it with all the case's attributes. */
final class GoldenOps {
    private GoldenOps() {
    }

    /** A loss with the names of its two inputs. */
    record NamedLoss(Loss loss, String output, String target) {
    }

    static Optional<NamedLoss> loss(GoldenFile golden) {
        String reduction = golden.text("reduction", "mean");
        Optional<NamedLoss> loss = switch (golden.op() + " " + reduction) {
            case "softmax_cross_entropy mean" -> Optional.of(new NamedLoss(
                    Loss.crossEntropy(golden.number("label_smoothing", 0)), "logits", "labels"));
            case "mse mean" -> Optional.of(new NamedLoss(Loss.meanSquaredError(), "x", "target"));
            case "l1 mean" -> Optional.of(new NamedLoss(Loss.meanAbsoluteError(), "x", "target"));
            case "huber mean" -> Optional.of(new NamedLoss(Loss.huber(golden.number("delta", 1)), "x", "target"));
            case "bce_with_logits mean" -> Optional.of(new NamedLoss(Loss.binaryCrossEntropyWithLogits(), "x", "target"));
            case "kl_div batchmean" -> Optional.of(new NamedLoss(Loss.kullbackLeibler(), "log_p", "q"));
            default -> Optional.empty();
        };
        return loss.filter(known -> golden.ignoredAttributes().isEmpty());
    }

    static Optional<Optimizer> optimizer(GoldenFile golden) {
        String name = golden.text("optimizer", "");
        double decay = golden.number("weight_decay", 0);
        golden.integer("steps", 1);
        golden.number("lr", 0);
        Optional<Optimizer> optimizer = switch (name) {
            case "sgd" -> Optional.of(new Sgd(golden.number("momentum", 0), golden.flag("nesterov", false), decay));
            case "adam" -> Optional.of(adam(golden, decay, false));
            case "adamw" -> Optional.of(adam(golden, decay, true));
            case "adagrad" -> Optional.of(new Adagrad(golden.number("epsilon", 1e-10), decay));
            case "adadelta" -> Optional.of(new Adadelta(golden.number("rho", 0.9), golden.number("epsilon", 1e-6), decay));
            case "rmsprop" -> Optional.of(new RmsProp(golden.number("rho", 0.99), golden.number("epsilon", 1e-8),
                    golden.number("momentum", 0), golden.flag("centered", false), decay));
            default -> Optional.empty();
        };
        return optimizer.filter(known -> golden.ignoredAttributes().isEmpty());
    }

    private static Adam adam(GoldenFile golden, double decay, boolean decoupled) {
        return new Adam(golden.number("beta1", 0.9), golden.number("beta2", 0.999), golden.number("epsilon", 1e-8), decay,
                decoupled);
    }

    static Optional<Clipping> clipping(GoldenFile golden) {
        double limit = golden.number("max", 0);
        Optional<Clipping> clipping = switch (golden.text("by", "")) {
            case "value" -> Optional.of(new Clipping.ByValue(limit));
            case "global_norm" -> Optional.of(new Clipping.ByGlobalNorm(limit));
            default -> Optional.empty();
        };
        return clipping.filter(known -> golden.ignoredAttributes().isEmpty());
    }

    static Optional<Schedule> schedule(GoldenFile golden) {
        double base = golden.number("lr", 0);
        golden.integer("steps", 1);
        Optional<Schedule> schedule = switch (golden.text("schedule", "")) {
            case "constant" -> Optional.of(Schedule.constant());
            case "step" -> Optional.of(Schedule.step(golden.integer("step_size", 1), golden.number("gamma", 0.1)));
            case "exponential" -> Optional.of(Schedule.exponential(golden.number("gamma", 1)));
            case "cosine" -> Optional.of(Schedule.cosine(golden.number("min_lr", 0) / base));
            default -> Optional.empty();
        };
        return schedule.filter(known -> golden.ignoredAttributes().isEmpty());
    }
}
