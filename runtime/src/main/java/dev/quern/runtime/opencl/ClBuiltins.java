package dev.quern.runtime.opencl;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/**
 * Declarations of the functions of OpenCL C that kernels mostly call, {@code builtins.cl}, in place of the header with all of them that
 * PoCL 3.1 reads before every program: 18,000 lines, for which clang takes 200 ms of processor time.
 */
final class ClBuiltins {
    /** Has that header pass itself by: it takes this for its own guard. Types and constants are in another one. */
    static final String OPTION = " -D_OPENCL_H_";

    /** Calls of functions, and types, that {@code builtins.cl} does not declare. */
    private static final Pattern UNDECLARED = Pattern.compile(
            "\\b(?:(?:acos|acosh|acospi|asin|asinh|asinpi|atan2|atanh|atanpi|atan2pi|cospi|erfc|exp10|fdim|fract|frexp|hypot|ilogb|ldexp"
                    + "|lgamma|lgamma_r|log10|logb|maxmag|minmag|modf|nan|nextafter|pown|powr|remainder|remquo|rootn|sincos|sinpi"
                    + "|tanpi|tgamma|native_\\w+|half_\\w+|abs_diff|add_sat|hadd|rhadd|clz|mad_hi|mad_sat|mul24|mad24|rotate|sub_sat"
                    + "|upsample|popcount|degrees|mix|radians|smoothstep|cross|dot|distance|length|normalize|fast_\\w+"
                    + "|isequal|isnotequal|isgreater|isgreaterequal|isless|islessequal|islessgreater|isnormal|isordered|isunordered"
                    + "|signbit|any|all|bitselect|vload3|vstore3|vloada_\\w+|vstorea_\\w+|vstore_half\\d*_rt[zpn]|convert_\\w+_(?:sat|rt.)\\w*"
                    + "|convert_(?:char|short|half|double)\\d*|mem_fence|read_mem_fence|write_mem_fence|async_\\w+|wait_group_events"
                    + "|atomic_(?!inc\\b)\\w+|atom_\\w+|printf|read_image\\w+|write_image\\w+|get_image_\\w+)\\s*\\("
                    + "|(?:float|double|u?(?:char|short|int|long)|half)3\\b|image\\dd_\\w*t\\b|half(?:2|4|8|16)\\b)");
    private static final String FILE = "builtins.cl";

    private ClBuiltins() {
    }

    /** Whether {@code builtins.cl} seems to declare all that a source calls. */
    static boolean suffice(String source) {
        return !UNDECLARED.matcher(source).find();
    }

    /** The source with the declarations in front. */
    static String declaredFor(String source) {
        return "#line 1 \"" + FILE + "\"\n" + Declarations.TEXT + "\n#line 1 \"definitions\"\n" + source;
    }

    /** Read when first needed. */
    private static final class Declarations {
        private static final String TEXT = read();

        private static String read() {
            try (InputStream stream = ClBuiltins.class.getResourceAsStream(FILE)) {
                if (stream == null) {
                    throw new IllegalStateException("the jar lacks " + ClBuiltins.class.getPackageName() + "/" + FILE);
                }
                return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
