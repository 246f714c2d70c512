package dev.quern.kernels.recurrent;

import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Support;
import dev.quern.kernels.Tunable;
import dev.quern.kernels.Variant;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Dialect;
import java.util.List;

/**
 * A rung for whole layers around one that knows the recurrence alone: the products with weight_ih and the weights' gradients
 * do not wait for one another, so that each is one large matrix product over all steps.
 */
public final class HoistedInput {
    private HoistedInput() {
    }

    /** A rung of the forward pass, around one that need only support problems without features. */
    public static Variant<RecurrentForwardProblem> forward(Variant<RecurrentForwardProblem> recurrence) {
        return new Rung<>(recurrence) {
            @Override
            RecurrentForwardProblem alone(RecurrentForwardProblem problem) {
                return problem.recurrence();
            }

            @Override
            void put(RecurrentForwardProblem problem, KernelPlan recurrence, LayerPlan plan) {
                plan.inputProducts();
                plan.recurrence(recurrence);
            }
        };
    }

    /** The same of the backward pass. */
    public static Variant<RecurrentBackwardProblem> backward(Variant<RecurrentBackwardProblem> recurrence) {
        return new Rung<>(recurrence) {
            @Override
            RecurrentBackwardProblem alone(RecurrentBackwardProblem problem) {
                return problem.recurrence();
            }

            @Override
            void put(RecurrentBackwardProblem problem, KernelPlan recurrence, LayerPlan plan) {
                plan.gateGradients();
                plan.recurrence(recurrence);
                plan.weightGradients();
                if (problem.toInput()) {
                    plan.inputGradient();
                }
            }
        };
    }

    private abstract static class Rung<P extends RecurrentProblem> implements Variant<P> {
        private final Variant<P> recurrence;

        Rung(Variant<P> recurrence) {
            this.recurrence = recurrence;
        }

        abstract P alone(P problem);

        /** Puts a layer's plan together around the recurrence's. */
        abstract void put(P problem, KernelPlan recurrence, LayerPlan plan);

        @Override
        public String name() {
            return recurrence.name();
        }

        @Override
        public Dialect dialect() {
            return recurrence.dialect();
        }

        @Override
        public String summary() {
            return recurrence.summary() + " The products with weight_ih and the weights' gradients are matrix products over all "
                    + "steps at once.";
        }

        @Override
        public List<Tunable> tunables() {
            return recurrence.tunables();
        }

        @Override
        public Support supports(P problem, DeviceInfo device) {
            return recurrence.supports(alone(problem), device);
        }

        @Override
        public double preference(P problem, DeviceInfo device) {
            return recurrence.preference(alone(problem), device);
        }

        @Override
        public Parameters parameters(P problem, DeviceInfo device) {
            return recurrence.parameters(alone(problem), device);
        }

        @Override
        public Support accepts(Parameters parameters, P problem, DeviceInfo device) {
            return recurrence.accepts(parameters, alone(problem), device);
        }

        @Override
        public KernelPlan plan(P problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
            KernelPlan alone = recurrence.plan(alone(problem), device, parameters, epilogue);
            if (problem.features() == 0) {
                return alone;
            }
            LayerPlan plan = new LayerPlan(problem, device);
            put(problem, alone, plan);
            return plan.plan();
        }
    }
}
