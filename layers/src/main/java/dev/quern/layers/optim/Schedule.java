package dev.quern.layers.optim;

/** The course of the learning rate: a factor on the base rate for every step. */
public interface Schedule {
    /**
     * The factor on the base learning rate.
     *
     * @param step    0 for the first step
     * @param horizon how long training will be
     */
    double factor(long step, Horizon horizon);

    /** A text that tells schedules with different behaviour apart: {@code cosine(0.01)}. */
    String description();

    /** The base rate throughout. */
    static Schedule constant() {
        return of("constant", (step, horizon) -> 1);
    }

    /** Times gamma after every {@code size} steps; PyTorch's {@code StepLR}. */
    static Schedule step(long size, double gamma) {
        Ranges.positive("the step schedule's size", size);
        Ranges.positive("the step schedule's gamma", gamma);
        return of("step(" + size + ", " + gamma + ")", (step, horizon) -> Math.pow(gamma, step / size));
    }

    /** Times gamma after every step; PyTorch's {@code ExponentialLR}. */
    static Schedule exponential(double gamma) {
        Ranges.positive("the exponential schedule's gamma", gamma);
        return of("exponential(" + gamma + ")", (step, horizon) -> Math.pow(gamma, step));
    }

    /**
     * Half a cosine from 1 down to a smallest factor over all steps; PyTorch's {@code CosineAnnealingLR}. Loshchilov and
     * Hutter, ICLR 2017.
     */
    static Schedule cosine(double smallest) {
        Ranges.notNegative("the cosine schedule's smallest factor", smallest);
        return of("cosine(" + smallest + ")", (step, horizon) -> {
            double progress = Math.min(1, (double) step / horizon.steps());
            return smallest + (1 - smallest) * (1 + Math.cos(Math.PI * progress)) / 2;
        });
    }

    /** This schedule counted in epochs: every step of an epoch has the factor of the epoch's number. */
    default Schedule perEpoch() {
        return of(description() + " per epoch", (step, horizon) -> factor(step / horizon.stepsPerEpoch(),
                new Horizon(Math.max(1, horizon.steps() / horizon.stepsPerEpoch()), 1)));
    }

    /** First a straight rise over this many epochs (at least one step, parts of an epoch allowed), then this schedule. */
    default Schedule warmedUp(double epochs) {
        Ranges.positive("the warm-up's epochs", epochs);
        return of("warmup(" + epochs + ") " + description(), (step, horizon) -> {
            long rise = Math.max(1, Math.round(epochs * horizon.stepsPerEpoch()));
            if (step < rise) {
                return (step + 1.0) / (rise + 1.0);
            }
            long left = Math.max(1, horizon.steps() - rise);
            return factor(step - rise, new Horizon(left, Math.min(left, horizon.stepsPerEpoch())));
        });
    }

    /** The body of a schedule. */
    @FunctionalInterface
    interface Course {
        /** See {@link Schedule#factor}. */
        double factor(long step, Horizon horizon);
    }

    /** A schedule from its body. */
    static Schedule of(String description, Course course) {
        return new Schedule() {
            @Override
            public double factor(long step, Horizon horizon) {
                return course.factor(step, horizon);
            }

            @Override
            public String description() {
                return description;
            }
        };
    }
}
