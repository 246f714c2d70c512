package dev.quern.layers.golden;

import dev.quern.graph.compile.CompileOptions;
import dev.quern.graph.compile.Compiler;
import dev.quern.graph.grad.Gradients;
import dev.quern.graph.ir.Graph;
import dev.quern.graph.ir.GraphBuilder;
import dev.quern.graph.op.AttentionMask;
import dev.quern.graph.op.Value;
import dev.quern.graph.plan.Plan;
import dev.quern.graph.plan.State;
import dev.quern.layers.nn.Activation;
import dev.quern.layers.nn.Layer;
import dev.quern.layers.nn.LayerContext;
import dev.quern.layers.nn.MultiheadAttention;
import dev.quern.layers.nn.ParameterSpec;
import dev.quern.layers.nn.TransformerDecoderLayer;
import dev.quern.layers.nn.TransformerEncoderLayer;
import dev.quern.layers.nn.TransformerSettings;
import dev.quern.runtime.Device;
import dev.quern.runtime.HostTensor;
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
            default -> Optional.empty();
        };
        golden.integer("embed_dim", 1);
        golden.integer("heads", 1);
        return made.filter(known -> golden.ignoredAttributes().isEmpty()).map(known -> device -> check(golden, known, device));
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
        LayerContext context = LayerContext.root(builder, true);
        Value y = made.of(wanted).build(context, wanted.get("x"));
        HostTensor upstream = golden.tensor("gradout.y");
        Value gradient = builder.input("in.gradout.y", upstream.dtype(), upstream.shape());
        List<String> inputs = new ArrayList<>(wanted.keySet());
        context.parameters().forEach(parameter -> wanted.put(parameter.path(), parameter.value()));
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
            parameters.forEach(parameter -> state.write(parameter.path(), tensors.get(parameter.path())));
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
        }
    }
}
