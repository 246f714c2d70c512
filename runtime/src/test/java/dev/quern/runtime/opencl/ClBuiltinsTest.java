package dev.quern.runtime.opencl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.quern.runtime.testing.TestDevices;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jocl.CL;
import org.jocl.cl_device_id;
import org.jocl.cl_program;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClBuiltinsTest {
    /** The bitcode holds the name of a temporary file, of which so many letters are drawn. */
    private static final int DRAWN_BYTES = 16;

    private final ClDevice device = (ClDevice) TestDevices.shared("opencl:0");

    /** Statements over x, y, z and n of a type, and over memory, one for each function that builtins.cl declares. */
    private static String callsOfAll() {
        List<String> statements = new ArrayList<>();
        for (String width : List.of("", "2", "4", "8", "16")) {
            String real = "float" + width;
            String whole = "int" + width;
            String index = width.isEmpty() ? "0" : "i";
            statements.add("{ " + real + " x = (" + real + ")f[i], y = x * 2.0f, z = x * 3.0f; " + whole + " n = (" + whole + ")k[i];");
            for (String one : List.of("exp", "exp2", "expm1", "log", "log2", "log1p", "sin", "cos", "tan", "sinh", "cosh", "tanh", "atan", "erf",
                    "sqrt", "rsqrt", "cbrt", "fabs", "floor", "ceil", "rint", "round", "trunc", "sign")) {
                statements.add("x += " + one + "(y);");
            }
            for (String two : List.of("pow", "fmod", "fmax", "fmin", "max", "min", "step", "copysign")) {
                statements.add("x += " + two + "(y, z);");
            }
            for (String three : List.of("clamp", "fma", "mad")) {
                statements.add("x += " + three + "(x, y, z);");
            }
            for (String asked : List.of("isnan", "isinf", "isfinite")) {
                statements.add("n += " + asked + "(x);");
            }
            statements.add("x = select(x, y, n); n = max(min(n, n + 1), clamp(n, n - 2, n + 2)) + mul_hi(n, n + 3);");
            statements.add("n += convert_int" + width + "(x); x += convert_float" + width + "(n);");
            statements.add("uint" + width + " u = convert_uint" + width + "(n); x += convert_float" + width + "(convert_ushort" + width
                    + "(u)) + convert_float" + width + "(convert_uchar" + width + "(u));");
            if (!width.isEmpty()) {
                statements.add("x += fmax(y, 1.0f) + vload" + width + "(i, f); x += as_float" + width + "(vload" + width + "(i, k));");
                statements.add("vstore" + width + "(x, i, f); vstore" + width + "(n, i, k); x += vload" + width + "(0, l);");
                statements.add("f[i] += shuffle(x, (uint4)(1)).x + shuffle2(x, y, (uint4)(1)).y;");
            }
            statements.add("x += vload_half" + width + "(" + index + ", h); vstore_half" + width + "(x, i, h); vstore_half" + width
                    + "_rte(y, i, h); prefetch((const __global " + real + " *) f, 1);");
            statements.add(width.isEmpty() ? "f[i] = x + n; }" : "f[i] = x.s0 + x.s1 + n.s1; }");
        }
        return """
                __kernel void all_of_them(__global float *f, __global int *k, __global half *h) {
                    __local float l[16];
                    size_t i = get_global_id(0) + get_local_id(1) + get_group_id(2) + get_global_size(0) + get_local_size(1)
                            + get_num_groups(2) + get_global_offset(0) + get_work_dim();
                    l[i & 15] = f[i];
                    barrier(CLK_LOCAL_MEM_FENCE);
                    atomic_inc(k); k[1] = abs(k[2]);
                    double d = f[i]; f[i] = sqrt(fma(d, d, d));
                """ + String.join("\n", statements) + "\n}\n";
    }

    private byte[] bitcode(String source, String options) {
        cl_program program = CL.clCreateProgramWithSource(device.context(), 1, new String[] {source}, null, null);
        try {
            CL.clCompileProgram(program, 1, new cl_device_id[] {device.handle()}, options, 0, null, null, null, null);
            byte[] binary = ClQuery.binary(program);
            int start = new String(binary, StandardCharsets.ISO_8859_1).indexOf("BC\u00c0\u00de");
            return Arrays.copyOfRange(binary, start, binary.length);
        } finally {
            CL.clReleaseProgram(program);
        }
    }

    /** Another driver as the first, as where a GPU has one, reads no such header. */
    @BeforeEach
    void onPocl() {
        assumeTrue(device.platformVersion().contains("PoCL"), device.platformVersion());
    }

    @Test
    void theSameBitcodeComesOutAsWithAllDeclarations() {
        String source = callsOfAll();
        assertThat(ClBuiltins.suffice(source)).isTrue();
        byte[] all = bitcode(source, ClTranslation.OPTIONS);
        byte[] few = bitcode(ClBuiltins.declaredFor(source), ClTranslation.OPTIONS + ClBuiltins.OPTION);
        assertThat(few).hasSameSizeAs(all);
        assertThat(IntStream.range(0, all.length).filter(i -> all[i] != few[i]).count()).isLessThanOrEqualTo(DRAWN_BYTES);
    }

    @ParameterizedTest
    @ValueSource(strings = {"x = native_exp(y);", "x = dot(a, b);", "float3 v;", "x = vload3(0, p);", "atomic_add(p, 1);", "convert_int_rtz(x);",
        "mem_fence(CLK_LOCAL_MEM_FENCE);", "x = hypot (a, b);"})
    void whatIsNotDeclaredIsSeen(String text) {
        assertThat(ClBuiltins.suffice(text)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"// all of any length", "float dotted(float x);", "atomic_inc(p);", "x = my_length(a);"})
    void otherWordsAreNoCalls(String text) {
        assertThat(ClBuiltins.suffice(text)).isTrue();
    }

    /** A form that is not declared of a function that is: found out by compiling, and compiled with all declarations then. */
    @Test
    void aFormThatIsNotDeclaredCompilesAllTheSame() throws ClBuildFailure {
        String source = "__kernel void k(__global long16 *p) { p[0] = clamp(p[1], p[2], p[3]) + convert_long16(p[4]); }";
        assertThat(ClBuiltins.suffice(source)).isTrue();
        ClTranslation.Translated translated = ClTranslation.LINKED_BRIEFLY.fromSource(device.context(), device.handle(), source, true);
        CL.clReleaseProgram(translated.program());
        assertThat(translated.binary()).isNotEmpty();
    }
}
