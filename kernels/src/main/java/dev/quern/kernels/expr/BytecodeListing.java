package dev.quern.kernels.expr;

import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeModel;
import java.lang.classfile.Label;
import java.lang.classfile.MethodModel;
import java.lang.classfile.instruction.BranchInstruction;
import java.lang.classfile.instruction.ConstantInstruction;
import java.lang.classfile.instruction.IncrementInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.LabelTarget;
import java.lang.classfile.instruction.LoadInstruction;
import java.lang.classfile.instruction.StoreInstruction;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** A class file's methods as text, an instruction a line, for reading. */
final class BytecodeListing {
    private final StringBuilder text = new StringBuilder();

    private BytecodeListing() {
    }

    static String of(byte[] classFile) {
        BytecodeListing listing = new BytecodeListing();
        ClassModel model = ClassFile.of().parse(classFile);
        for (MethodModel method : model.methods()) {
            listing.text.append('\n').append(method.methodName().stringValue()).append(' ')
                    .append(method.methodTypeSymbol().displayDescriptor()).append('\n');
            method.code().ifPresent(listing::append);
        }
        return listing.text.toString();
    }

    private void append(CodeModel code) {
        Map<Label, Integer> labels = new HashMap<>();
        for (CodeElement element : code) {
            switch (element) {
                case LabelTarget target -> text.append("  L").append(number(labels, target.label())).append(":\n");
                case BranchInstruction branch -> line(branch.opcode().name(), "L" + number(labels, branch.target()));
                case LoadInstruction load -> line(load.opcode().name(), String.valueOf(load.slot()));
                case StoreInstruction store -> line(store.opcode().name(), String.valueOf(store.slot()));
                case IncrementInstruction add -> line(add.opcode().name(), add.slot() + " by " + add.constant());
                case ConstantInstruction constant -> line(constant.opcode().name(), String.valueOf(constant.constantValue()));
                case InvokeInstruction call -> line(call.opcode().name(), call.owner().asInternalName() + "." + call.name().stringValue()
                        + " " + call.typeSymbol().displayDescriptor());
                case java.lang.classfile.Instruction plain -> line(plain.opcode().name(), "");
                default -> {
                }
            }
        }
    }

    private static int number(Map<Label, Integer> labels, Label label) {
        return labels.computeIfAbsent(label, _ -> labels.size());
    }

    private void line(String opcode, String operand) {
        text.append("    ").append((opcode.toLowerCase(Locale.ROOT) + " " + operand).strip()).append('\n');
    }
}
