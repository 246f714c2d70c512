package dev.quern.kernels.expr;

import static dev.quern.kernels.expr.Expressions.add;
import static dev.quern.kernels.expr.Expressions.constant;
import static dev.quern.kernels.expr.Expressions.greater;
import static dev.quern.kernels.expr.Expressions.input;
import static dev.quern.kernels.expr.Expressions.mul;
import static dev.quern.kernels.expr.Expressions.relu;
import static dev.quern.kernels.expr.Expressions.select;
import static org.assertj.core.api.Assertions.assertThat;

import dev.quern.kernels.expr.Epilogue.EpilogueOperand;
import dev.quern.kernels.expr.Epilogue.Rows;
import dev.quern.runtime.DType;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Holds the text of epilogues to the letter: kernels are written against it. */
class EpilogueTextTest {
    private static EpilogueOperand operand(String name, long count, long inner) {
        return new EpilogueOperand(name, DType.F32, count, inner);
    }

    @Test
    void theEmptyEpilogueReturnsItsValue() {
        assertThat(EpilogueText.render(Epilogue.none(), 12, 4)).isEqualTo("""
                #define Q_EPILOGUE_PARAMETERS\s
                #define Q_EPILOGUE_ARGUMENTS\s
                Q_DEVICE float q_epilogue(float x, size_t i Q_EPILOGUE_PARAMETERS) {
                    return x;
                }
                """);
    }

    @Test
    void aBiasOverColumnsIsLoadedAsAVector() {
        Epilogue epilogue = new Epilogue(List.of(operand("bias", 96, 1)), relu(add(input(0), input(1))));
        assertThat(EpilogueText.render(epilogue, 64 * 96, 96, 16)).isEqualTo("""
                #define Q_EPILOGUE_PARAMETERS , Q_GLOBAL const float* e0
                #define Q_EPILOGUE_ARGUMENTS , e0
                Q_DEVICE float q_epilogue(float x, size_t i Q_EPILOGUE_PARAMETERS) {
                    const float t0 = (x + e0[(i) % 96u]);
                    const float t1 = (t0 < (float)(0.0f) ? (float)(0.0f) : t0);
                    return t1;
                }
                Q_DEVICE float16 q_epilogue16(float16 x, size_t i Q_EPILOGUE_PARAMETERS) {
                    const float16 t0 = (x + vload16(0, e0 + ((i) % 96u)));
                    const float16 t1 = (t0 < (float16)(0.0f) ? (float16)(0.0f) : t0);
                    return t1;
                }
                """);
    }

    @Test
    void aTableOfRowsThatIsRepeatedIsLoadedAsAVector() {
        Epilogue epilogue = new Epilogue(List.of(operand("positions", 8 * 96, 1)), add(input(0), input(1)));
        assertThat(EpilogueText.vectorObstacle(epilogue, 64 * 96, 96)).isEmpty();
        assertThat(EpilogueText.render(epilogue, 64 * 96, 96, 16)).contains("vload16(0, e0 + ((i) % 768u))");
        // Its rows end within these runs.
        assertThat(EpilogueText.vectorObstacle(epilogue, 64 * 96, 512)).isPresent();
    }

    @Test
    void someChannelsOfATensorAreReadWhereTheyLie() {
        // Of [3, 11, 8, 8] the channels from 4 on, for an output of [3, 7, 8, 8].
        Epilogue epilogue = new Epilogue(List.of(new EpilogueOperand("dy", DType.F32, 1344, 1, new Rows(256, 448, 704))), mul(input(0), input(1)));
        assertThat(EpilogueText.vectorObstacle(epilogue, 1344, 64)).isEmpty();
        assertThat(EpilogueText.render(epilogue, 1344, 64, 16)).isEqualTo("""
                #define Q_EPILOGUE_PARAMETERS , Q_GLOBAL const float* e0
                #define Q_EPILOGUE_ARGUMENTS , e0
                Q_DEVICE float q_epilogue(float x, size_t i Q_EPILOGUE_PARAMETERS) {
                    const float t0 = (x * e0[256u + i + (Q_UINT)(i) / 448u * 256u]);
                    return t0;
                }
                Q_DEVICE float16 q_epilogue16(float16 x, size_t i Q_EPILOGUE_PARAMETERS) {
                    const float16 t0 = (x * vload16(0, e0 + (256u + i + (Q_UINT)(i) / 448u * 256u)));
                    return t0;
                }
                """);
        // A vector of sixteen may lie across the end of the channels.
        assertThat(EpilogueText.vectorObstacle(epilogue, 1344, 1344)).isPresent();
    }

    @Test
    void whatIsKeptIsStoredOnTheWay() {
        Expr sum = add(input(0), input(1));
        Epilogue epilogue = new Epilogue(List.of(operand("bias", 96, 1)), sum, List.of(relu(sum)));
        assertThat(epilogue.isEmpty()).isFalse();
        assertThat(new Epilogue(List.of(), input(0), List.of(input(0))).isEmpty()).isFalse();
        assertThat(EpilogueText.render(epilogue, 64 * 96, 96, 16)).isEqualTo("""
                #define Q_EPILOGUE_PARAMETERS , Q_GLOBAL const float* e0, Q_GLOBAL float* e_kept0
                #define Q_EPILOGUE_ARGUMENTS , e0, e_kept0
                Q_DEVICE float q_epilogue(float x, size_t i Q_EPILOGUE_PARAMETERS) {
                    const float t0 = (x + e0[(i) % 96u]);
                    const float t1 = (t0 < (float)(0.0f) ? (float)(0.0f) : t0);
                    e_kept0[i] = t1;
                    return t0;
                }
                Q_DEVICE float16 q_epilogue16(float16 x, size_t i Q_EPILOGUE_PARAMETERS) {
                    const float16 t0 = (x + vload16(0, e0 + ((i) % 96u)));
                    const float16 t1 = (t0 < (float16)(0.0f) ? (float16)(0.0f) : t0);
                    vstore16(t1, 0, e_kept0 + i);
                    return t0;
                }
                """);
    }

    @Test
    void aBiasOverChannelsIsOneNumberForAVectorOfPixels() {
        Epilogue epilogue = new Epilogue(List.of(operand("bias", 6, 784)), add(input(0), input(1)));
        assertThat(EpilogueText.render(epilogue, 64 * 6 * 784, 784, 16))
                .contains("const float t0 = (x + e0[(i / 784u) % 6u]);")
                .contains("const float16 t0 = (x + (float16)(e0[(i / 784u) % 6u]));");
    }

    @Test
    void aMaskOfTheOutputsShapeIsReadAtTheSameElement() {
        Epilogue epilogue = new Epilogue(List.of(operand("y", 1000, 1)),
                select(greater(input(1), constant(0)), input(0), constant(0)));
        assertThat(EpilogueText.render(epilogue, 1000, 10, 16)).contains("vload16(0, e0 + (i))").contains("e0[i]");
    }

    @Test
    void anOperandThatChangesWithinAVectorIsAnObstacle() {
        Epilogue epilogue = new Epilogue(List.of(operand("odd", 5, 3)), mul(input(0), input(1)));
        assertThat(EpilogueText.vectorObstacle(epilogue, 60, 4)).hasValueSatisfying(
                reason -> assertThat(reason).contains("odd").contains("4"));
        assertThat(EpilogueText.scalarObstacle(epilogue)).isEmpty();
    }
}
