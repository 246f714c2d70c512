package dev.quern.graph.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.quern.graph.op.Constant;
import dev.quern.graph.op.CustomForm;
import dev.quern.graph.op.CustomOp;
import dev.quern.graph.op.Op;
import dev.quern.graph.op.Pad;
import dev.quern.graph.op.Pointwise;
import dev.quern.graph.op.Random;
import dev.quern.kernels.expr.Expressions;
import dev.quern.kernels.random.Distribution;
import dev.quern.runtime.QuernException;
import dev.quern.runtime.Shape;
import java.io.IOException;
import java.io.StringWriter;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RecordJsonTest {
    private static Op roundTrip(Op op) throws IOException {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
            RecordJson.write(json, Op.class, op);
        }
        return RecordJson.read(Op.class, JsonTree.read(text.toString()));
    }

    @Test
    void opsComeBackBitForBit() throws IOException {
        for (float value : new float[] {0.1f, -0f, Float.NaN, Float.NEGATIVE_INFINITY, Float.MIN_VALUE}) {
            assertThat(roundTrip(new Constant(value, Shape.of(2, 3)))).isEqualTo(new Constant(value, Shape.of(2, 3)));
        }
        Op pad = new Pad(List.of(1, -2), List.of(1, 2), Shape.of(5, 6), -1.5f);
        assertThat(roundTrip(pad)).isEqualTo(pad);
        Op pointwise = new Pointwise(2, Expressions.add(Expressions.input(0), Expressions.mul(Expressions.constant(0.3), Expressions.input(1))));
        assertThat(roundTrip(pointwise)).isEqualTo(pointwise);
        for (Distribution distribution : List.of(Distribution.UNIFORM, Distribution.NORMAL, Distribution.bernoulli(1 / 3.0))) {
            Op random = new Random(distribution, "graph/0", Shape.of(4));
            assertThat(roundTrip(random)).isEqualTo(random);
        }
    }

    /** An op with a component of another type could be used, but no step with it could be kept. */
    @Test
    void everyOpIsMadeOfTypesThatCanBeRead() {
        for (Class<?> op : Op.class.getPermittedSubclasses()) {
            requireReadable(op == CustomOp.class ? CustomForm.class : op, new HashSet<>());
        }
    }

    private static void requireReadable(Type type, Set<Type> seen) {
        if (!seen.add(type)) {
            return;
        }
        if (type instanceof ParameterizedType generic) {
            assertThat(generic.getRawType()).isEqualTo(List.class);
            requireReadable(generic.getActualTypeArguments()[0], seen);
            return;
        }
        Class<?> plain = (Class<?>) type;
        if (plain.isSealed()) {
            Arrays.stream(plain.getPermittedSubclasses()).forEach(each -> requireReadable(each, seen));
        } else if (plain.isRecord()) {
            for (RecordComponent component : plain.getRecordComponents()) {
                requireReadable(component.getGenericType(), seen);
            }
        } else {
            assertThat(plain.isEnum() || Set.of(boolean.class, int.class, Integer.class, long.class, float.class, double.class, String.class, Shape.class)
                    .contains(plain)).as(plain.toString()).isTrue();
        }
    }

    @Test
    void whatIsNoValueOfItsTypeIsRefusedInWords() {
        assertThatThrownBy(() -> RecordJson.read(Op.class, Map.of("is", "Teleport"))).isInstanceOf(QuernException.class)
                .hasMessageContaining("no Op is called Teleport");
        assertThatThrownBy(() -> RecordJson.read(Op.class, Map.of("is", "Constant", "value", "0x1p0"))).isInstanceOf(QuernException.class)
                .hasMessageContaining("Constant lacks its shape");
        assertThatThrownBy(() -> RecordJson.read(Op.class, Map.of("is", "Constant", "value", "one", "shape", List.of())))
                .isInstanceOf(QuernException.class).hasMessageContaining("one is no float");
        assertThatThrownBy(() -> RecordJson.read(Op.class, Map.of("is", "MatMul", "transposeA", 1.0, "transposeB", true)))
                .isInstanceOf(QuernException.class).hasMessageContaining("1.0 is no boolean");
    }
}
