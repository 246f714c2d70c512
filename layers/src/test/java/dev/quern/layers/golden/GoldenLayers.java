package dev.quern.layers.golden;

import dev.quern.graph.compile.CompileOptions;
import dev.quern.graph.compile.Compiler;
import dev.quern.graph.grad.Gradients;
import dev.quern.graph.ir.Graph;
import dev.quern.graph.ir.GraphBuilder;
import dev.quern.graph.op.AttentionMask;
import dev.quern.graph.op.Conv2dAttributes;
import dev.quern.graph.op.Value;
import dev.quern.graph.plan.Plan;
import dev.quern.graph.plan.State;
import dev.quern.layers.nn.Activation;
import dev.quern.layers.nn.AdaptiveAvgPool2d;
import dev.quern.layers.nn.BatchNorm;
import dev.quern.layers.nn.Conv1d;
import dev.quern.layers.nn.ConvTranspose2d;
import dev.quern.layers.nn.GroupNorm;
import dev.quern.layers.nn.Layer;
import dev.quern.layers.nn.LayerContext;
import dev.quern.layers.nn.LayerNorm;
import dev.quern.layers.nn.LocalResponseNorm;
import dev.quern.layers.nn.MultiheadAttention;
import dev.quern.layers.nn.ParameterSpec;
import dev.quern.layers.nn.TransformerDecoderLayer;
import dev.quern.layers.nn.TransformerEncoderLayer;
import dev.quern.layers.nn.TransformerSettings;
import dev.quern.runtime.Device;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/** Golden cases of whole layers: outputs, and gradients of inputs and parameters by PyTorch's names. */
final class GoldenLayers {
    private GoldenLayers() {
    }

    /** Makes the case's layer; tensors that are no parameters are given as inputs. */
    @FunctionalInterface
    private interface Made {
        Layer of(Map<String, Value> inputs);
    }

    /** The case, if its layer is one that Quern has with all the case's attributes. */
    static Optional<GoldenCase> of(GoldenFile golden) {
        Optional<Made> made = switch (golden.op()) {
            case "multi_head_attention" -> {
                golden.text("layout", "");
                golden.text("in_proj", "");
                yield Optional.of(inputs -> MultiheadAttention.of(golden.integer("embed_dim", 1), golden.integer("heads", 1)));
            }
            case "transformer_encoder_layer" -> {
                TransformerSettings settings = settings(golden);
                yield Optional.of(inputs -> TransformerEncoderLayer.of(settings));
            }
            case "transformer_decoder_layer" -> {
                TransformerSettings settings = settings(golden);
                AttentionMask mask = golden.flag("causal", false) ? AttentionMask.causalOnly() : AttentionMask.none();
                yield Optional.of(inputs -> TransformerDecoderLayer.of(settings, inputs.get("memory"))
                        .masked(mask, AttentionMask.none()));
            }
            default -> vision(golden).map(layer -> inputs -> layer);
        };
        golden.integer("embed_dim", 1);
        golden.integer("heads", 1);
        golden.flag("training", true);
        return made.filter(known -> golden.ignoredAttributes().isEmpty()).map(known -> device -> check(golden, known, device));
    }

    private static Optional<Layer> vision(GoldenFile golden) {
        Shape x = golden.tensor("in.x").shape();
        double eps = golden.number("epsilon", 1e-5);
        return switch (golden.op()) {
            case "batch_norm" -> golden.text("running_variance", "").equals("unbiased")
                    ? Optional.of(BatchNorm.batchNorm2d(x.extent(1)).eps(eps).momentum(golden.number("momentum", 0.1))) : Optional.empty();
            case "layer_norm" -> golden.integer("axis", -1) == -1 ? Optional.of(LayerNorm.of(x.extent(-1)).eps(eps)) : Optional.empty();
            case "group_norm" -> Optional.of(GroupNorm.of(golden.integer("groups", 1), x.extent(1)).eps(eps));
            case "local_response_norm" -> Optional.of(LocalResponseNorm.of(golden.integer("size", 1), golden.number("alpha", 0),
                    golden.number("beta", 0), golden.number("k", 0)));
            case "conv1d" -> Optional.of(Conv1d.of(x.extent(1), golden.tensor("in.w").shape().extent(0),
                    golden.tensor("in.w").shape().extent(2)).stride(golden.first("stride", 1)).padding(golden.first("padding", 0))
                    .dilation(golden.first("dilation", 1)).groups(golden.integer("groups", 1)));
            case "conv_transpose2d" -> Optional.of(ConvTranspose2d.of(x.extent(1),
                    golden.tensor("in.w").shape().extent(1) * golden.integer("groups", 1), golden.tensor("in.w").shape().extent(2))
                    .with(Conv2dAttributes.defaults().stride(golden.first("stride", 1)).padding(golden.first("padding", 0))
                            .dilation(golden.first("dilation", 1)).groups(golden.integer("groups", 1)))
                    .outputPadding(golden.first("output_padding", 0)));
            case "global_avg_pool2d" -> Optional.of(AdaptiveAvgPool2d.of(1));
            default -> Optional.empty();
        };
    }

    /** The case's name of a parameter: convolutions' are short. */
    private static String named(GoldenFile golden, String path) {
        if (golden.op().startsWith("conv")) {
            return path.equals("weight") ? "w" : "b";
        }
        return path;
    }

    private static TransformerSettings settings(GoldenFile golden) {
        TransformerSettings settings = TransformerSettings.of(golden.integer("embed_dim", 1), golden.integer("heads", 1))
                .withFeedforward(golden.integer("feedforward", 1)).withDropout(golden.number("dropout", 0))
                .withActivation(golden.text("activation", "relu").equals("gelu") ? Activation.gelu() : Activation.relu());
        return golden.flag("norm_first", false) ? settings.withNormFirst() : settings;
    }

    private static void check(GoldenFile golden, Made made, Device device) {
        GraphBuilder builder = new GraphBuilder(golden.name());
        Map<String, Value> wanted = new LinkedHashMap<>();
        for (String input : List.of("x", "memory")) {
            HostTensor tensor = golden.tensors("in.").get(input);
            if (tensor != null) {
                wanted.put(input, builder.input("in." + input, tensor.dtype(), tensor.shape()));
            }
        }
        LayerContext context = LayerContext.root(builder, golden.flag("training", true));
        Value y = made.of(wanted).build(context, wanted.get("x"));
        HostTensor upstream = golden.tensor("gradout.y");
        Value gradient = builder.input("in.gradout.y", upstream.dtype(), upstream.shape());
        List<String> inputs = new ArrayList<>(wanted.keySet());
        context.parameters().stream().filter(ParameterSpec::trained)
                .forEach(parameter -> wanted.put(named(golden, parameter.path()), parameter.value()));
        List<Value> gradients = Gradients.of(builder, Map.of(y, gradient), new ArrayList<>(wanted.values()));
        builder.output("out.y", y);
        int next = 0;
        for (String name : wanted.keySet()) {
            builder.output("grad." + name, gradients.get(next++));
        }
        run(golden, builder.build(), inputs, context.parameters(), device);
    }

    private static void run(GoldenFile golden, Graph graph, List<String> inputs, List<ParameterSpec> parameters, Device device) {
        SortedMap<String, HostTensor> tensors = golden.tensors("in.");
        try (State state = State.create(device);
                Plan plan = Compiler.compile(graph, device, state, CompileOptions.defaults())) {
            parameters.forEach(parameter -> state.write(parameter.path(), tensors.get(named(golden, parameter.path()))));
            inputs.forEach(input -> plan.input("in." + input).copyFrom(tensors.get(input).memory()));
            plan.input("in.gradout.y").copyFrom(golden.tensor("gradout.y").memory());
            plan.run();
            for (String output : graph.outputs().keySet()) {
                HostTensor expected = golden.tensor(output);
                HostTensor actual = HostTensor.zeros(expected.dtype(), expected.shape());
                plan.read(output, actual.memory());
                GoldenFile.assertClose(golden.name() + " " + output, actual, expected,
                        output.startsWith("grad.") ? GoldenCase.GRADIENTS : GoldenCase.VALUES);
            }
            for (ParameterSpec buffer : parameters) {
                if (!buffer.trained()) {
                    GoldenFile.assertClose(golden.name() + " " + buffer.path(), state.read(buffer.path()),
                            golden.tensor("out." + buffer.path()), GoldenCase.VALUES);
                }
            }
        }
    }
}
