package dev.quern.kernels.pointwise;

import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Support;
import dev.quern.kernels.Variant;
import dev.quern.kernels.expr.BlockExpression;
import dev.quern.kernels.expr.CompiledExpression;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.expr.Expr;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.ProgramFile;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The host device's generated rung: expressions compiled to JVM bytecode. */
final class BytecodePointwise implements Variant<PointwiseProblem> {
    /** What a class is generated for: parts of an optimizer's update, say, differ in their sizes alone. */
    private record Key(int inputs, BitSet uniforms, List<Expr> results) {
    }

    @Override
    public String name() {
        return "bytecode";
    }

    @Override
    public Dialect dialect() {
        return Dialect.JAVA;
    }

    @Override
    public String summary() {
        return "A class is generated for each expression: as many functions share a loop as the JIT still turns into vector code, "
                + "so that values between them stay in registers, and comparisons are spelled without branches.";
    }

    @Override
    public Support supports(PointwiseProblem problem, DeviceInfo device) {
        return problem.supported();
    }

    @Override
    public double preference(PointwiseProblem problem, DeviceInfo device) {
        return 0.5;
    }

    @Override
    public KernelPlan plan(PointwiseProblem problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        Map<Key, CompiledExpression> compiled = new LinkedHashMap<>();
        return HostPointwise.plan(problem, name(), part -> expression(part, compiled),
                () -> List.of(new ProgramFile("txt", listing(List.copyOf(compiled.values())))));
    }

    private static BlockExpression expression(PointwiseProblem.Part part, Map<Key, CompiledExpression> compiled) {
        Key key = new Key(part.inputs().size(), HostPart.uniforms(part), part.results());
        return compiled.computeIfAbsent(key, each -> new CompiledExpression(each.inputs(), each.uniforms(), each.results()));
    }

    private static byte[] listing(List<CompiledExpression> expressions) {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        for (int i = 0; i < expressions.size(); i++) {
            text.writeBytes(("expression " + i + "\n").getBytes(StandardCharsets.UTF_8));
            text.writeBytes(expressions.get(i).listing());
        }
        return text.toByteArray();
    }
}
