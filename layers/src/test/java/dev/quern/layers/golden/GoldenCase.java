package dev.quern.layers.golden;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.quern.graph.compile.CompileOptions;
import dev.quern.graph.compile.Compiler;
import dev.quern.graph.grad.Gradients;
import dev.quern.graph.ir.Graph;
import dev.quern.graph.ir.GraphBuilder;
import dev.quern.graph.op.Value;
import dev.quern.graph.plan.Plan;
import dev.quern.graph.plan.State;
import dev.quern.layers.data.Dataset;
import dev.quern.layers.nn.Model;
import dev.quern.layers.nn.ParameterSpec;
import dev.quern.layers.optim.Adam;
import dev.quern.layers.optim.Clipping;
import dev.quern.layers.optim.Horizon;
import dev.quern.layers.optim.Optimizer;
import dev.quern.layers.optim.Schedule;
import dev.quern.layers.optim.Sgd;
import dev.quern.layers.optim.StepRule;
import dev.quern.layers.optim.Update;
import dev.quern.layers.testing.LeNetModel;
import dev.quern.layers.testing.LstmModel;
import dev.quern.layers.train.Classification;
import dev.quern.layers.train.ModelGraph;
import dev.quern.runtime.DType;
import dev.quern.runtime.Device;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.Shape;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/** A golden case that can be run on a device and compared. */
interface GoldenCase {
    double VALUES = 1e-5;
    /** For gradients and for losses after several steps. */
    double GRADIENTS = 1e-4;

    /** Compares everything that the case expects. */
    void check(Device device);

    /** The case of a file, if its op is one that Quern has, with all the file's attributes. */
    static Optional<GoldenCase> of(GoldenFile golden) {
        return switch (golden.op()) {
            case "optimizer" -> GoldenOps.optimizer(golden).map(rule -> device -> checkOptimizer(golden, rule, device));
            case "clip_gradients" -> GoldenOps.clipping(golden).map(clipping -> device -> checkClipping(golden, clipping, device));
            case "lr_schedule" -> GoldenOps.schedule(golden).map(rule -> device -> checkSchedule(golden, rule));
            case "train" -> switch (golden.text("model", "")) {
                case "lenet_sgd_momentum" -> Optional.of(device -> checkTraining(golden, LeNetModel.model(),
                        Sgd.momentum(golden.number("momentum", 0)), device));
                case "lstm_adam" -> Optional.of(device -> checkTraining(golden, LstmModel.model(), Adam.standard(), device));
                default -> Optional.empty();
            };
            case "multi_head_attention", "transformer_encoder_layer", "transformer_decoder_layer" -> GoldenLayers.of(golden);
            case "batch_norm", "layer_norm", "group_norm", "local_response_norm", "conv1d", "conv_transpose2d", "global_avg_pool2d" ->
                GoldenLayers.of(golden);
            default -> GoldenOps.loss(golden).map(loss -> lossCase(golden, loss));
        };
    }

    private static GoldenCase lossCase(GoldenFile golden, GoldenOps.NamedLoss named) {
        GraphBuilder builder = new GraphBuilder(golden.name());
        SortedMap<String, HostTensor> feeds = golden.tensors("in.");
        Map<String, Value> inputs = new LinkedHashMap<>();
        feeds.forEach((name, tensor) -> inputs.put(name, builder.input("in." + name, tensor.dtype(), tensor.shape())));
        Value output = named.loss().build(builder, inputs.get(named.output()), inputs.get(named.target()));
        HostTensor upstream = golden.tensor("gradout.y");
        feeds.put("gradout.y", upstream);
        Value gradient = builder.input("in.gradout.y", upstream.dtype(), upstream.shape());
        builder.output("out.y", output);
        builder.output("grad." + named.output(), Gradients.of(builder, Map.of(output, gradient),
                List.of(inputs.get(named.output()))).getFirst());
        Graph graph = builder.build();
        return device -> checkGraph(golden, graph, feeds, device);
    }

    private static void checkClipping(GoldenFile golden, Clipping clipping, Device device) {
        GraphBuilder builder = new GraphBuilder(golden.name());
        SortedMap<String, HostTensor> feeds = golden.tensors("in.");
        List<String> names = List.copyOf(feeds.keySet());
        List<Value> clipped = clipping.apply(builder, names.stream().map(name -> builder.input("in." + name, feeds.get(name).dtype(),
                feeds.get(name).shape())).toList());
        for (int i = 0; i < names.size(); i++) {
            builder.output("out." + names.get(i), clipped.get(i));
        }
        checkGraph(golden, builder.build(), feeds, device);
    }

    private static void checkGraph(GoldenFile golden, Graph graph, Map<String, HostTensor> feeds, Device device) {
        try (State state = State.create(device);
                Plan plan = Compiler.compile(graph, device, state, CompileOptions.defaults())) {
            feeds.forEach((name, tensor) -> plan.input("in." + name).copyFrom(tensor.memory()));
            plan.run();
            for (String output : graph.outputs().keySet()) {
                HostTensor expected = golden.tensor(output);
                HostTensor actual = HostTensor.zeros(expected.dtype(), expected.shape());
                plan.read(output, actual.memory());
                GoldenFile.assertClose(golden.name() + " " + output, actual, expected,
                        output.startsWith("grad.") ? GRADIENTS : VALUES);
            }
        }
    }

    private static void setScalars(Plan plan, Optimizer optimizer, int step, double rate) {
        for (StepRule rule : optimizer.scalars()) {
            plan.setScalar(rule.name(), (float) rule.value().at(step + 1, rate));
        }
    }

    private static void checkOptimizer(GoldenFile golden, Optimizer optimizer, Device device) {
        Shape shape = golden.tensor("in.p").shape();
        GraphBuilder builder = new GraphBuilder(golden.name());
        Value parameter = builder.parameter("p", DType.F32, shape);
        Value gradient = builder.input("gradient", DType.F32, shape);
        Update.emit(builder, optimizer, List.of("p"), List.of(parameter), List.of(gradient));
        try (State state = State.create(device);
                Plan plan = Compiler.compile(builder.build(), device, state, CompileOptions.defaults())) {
            state.write("p", golden.tensor("in.p"));
            for (int step = 0; step < golden.integer("steps", 1); step++) {
                setScalars(plan, optimizer, step, golden.number("lr", 0));
                plan.input("gradient").copyFrom(golden.tensor("in.grad" + step).memory());
                plan.run();
                GoldenFile.assertClose(golden.name() + " step " + step, state.read("p"), golden.tensor("out.p" + step), VALUES);
            }
        }
    }

    private static void checkSchedule(GoldenFile golden, Schedule schedule) {
        HostTensor expected = golden.tensor("out.lr");
        int steps = golden.integer("steps", expected.shape().extent(0));
        HostTensor actual = HostTensor.zeros(DType.F32, expected.shape());
        for (int step = 0; step < expected.shape().extent(0); step++) {
            actual.set(step, golden.number("lr", 0) * schedule.factor(step, new Horizon(steps, 1)));
        }
        GoldenFile.assertClose(golden.name(), actual, expected, VALUES);
    }

    private static void checkTraining(GoldenFile golden, Model model, Optimizer optimizer, Device device) {
        int batch = golden.tensor("in.labels0").shape().extent(0);
        ModelGraph training = ModelGraph.training(Classification.of(model), batch, optimizer);
        try (State state = State.create(device);
                Plan plan = Compiler.compile(training.graph(), device, state, CompileOptions.defaults())) {
            for (ParameterSpec parameter : training.parameters()) {
                state.write(parameter.path(), golden.tensor("in." + parameter.path()));
            }
            for (int step = 0; step < golden.integer("steps", 1); step++) {
                setScalars(plan, optimizer, step, golden.number("lr", 0));
                plan.input(Dataset.INPUT).copyFrom(golden.tensor("in.x" + step).memory());
                plan.input(Dataset.LABELS).copyFrom(golden.tensor("in.labels" + step).memory());
                plan.run();
                double expected = golden.tensor("out.losses").get(step);
                assertThat((double) plan.scalar(ModelGraph.LOSS)).as("loss of step %d", step)
                        .isCloseTo(expected, within(GRADIENTS * expected));
            }
            for (ParameterSpec parameter : training.parameters()) {
                GoldenFile.assertClose(parameter.path(), state.read(parameter.path()),
                        golden.tensor("out." + parameter.path()), GRADIENTS);
            }
        }
    }
}
