package dev.quern.kernels.expr;

import static java.lang.constant.ConstantDescs.CD_float;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_void;
import static java.lang.constant.ConstantDescs.INIT_NAME;
import static java.lang.constant.ConstantDescs.MTD_void;

import dev.quern.kernels.expr.LoopProgram.Assignment;
import dev.quern.kernels.expr.LoopProgram.Loop;
import dev.quern.kernels.expr.LoopProgram.Source;
import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandles;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes a {@link LoopProgram} as a class file: a static method for each loop, plain counted loops over float arrays, and
 * {@link LoopCode#evaluate}, which calls them in order. Equal programs give equal bytes.
 *
 * <p>HotSpot compiles no method of 8000 bytes or more. A loop stays below 1000 by the program's own limit; the calls are dealt out
 * to methods of {@link #CALLS} each.
 */
final class LoopBytecode {
    /** A call is at most some 200 bytes long. */
    private static final int CALLS = 24;
    private static final ClassDesc THIS = ClassDesc.of(LoopBytecode.class.getPackageName(), "GeneratedLoops");
    private static final ClassDesc CODE = LoopCode.class.describeConstable().orElseThrow();
    private static final ClassDesc EXP = HostExp.class.describeConstable().orElseThrow();
    private static final ClassDesc BLOCK = CD_float.arrayType();
    private static final ClassDesc EXPONENTS = CD_int.arrayType();
    private static final MethodTypeDesc EVALUATE = MethodTypeDesc.of(CD_void, BLOCK.arrayType(), BLOCK, EXPONENTS, CD_int);

    private final LoopProgram program;

    LoopBytecode(LoopProgram program) {
        this.program = program;
    }

    /** The class, defined and instantiated: a hidden one, which goes when nobody refers to it any more. */
    LoopCode define() {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup().defineHiddenClass(bytes(), true);
            return (LoopCode) lookup.findConstructor(lookup.lookupClass(), java.lang.invoke.MethodType.methodType(void.class))
                    .invoke();
        } catch (Throwable e) {
            throw new IllegalStateException("the class generated for\n" + program.text() + "cannot be defined: " + e, e);
        }
    }

    /** The class file. */
    byte[] bytes() {
        return ClassFile.of().build(THIS, this::write);
    }

    private void write(ClassBuilder type) {
        type.withFlags(ClassFile.ACC_FINAL | ClassFile.ACC_SUPER | ClassFile.ACC_SYNTHETIC);
        type.withInterfaceSymbols(CODE);
        type.withMethodBody(INIT_NAME, MTD_void, 0, code -> code.aload(0)
                .invokespecial(ConstantDescs.CD_Object, INIT_NAME, MTD_void).return_());
        List<Loop> loops = program.loops();
        for (int l = 0; l < loops.size(); l++) {
            if (!loops.get(l).isExponential()) {
                int number = l;
                type.withMethodBody("loop" + l, signature(loops.get(l)), ClassFile.ACC_STATIC,
                        code -> new LoopWriter(loops.get(number), code).write());
            }
        }
        int parts = Math.ceilDiv(loops.size(), CALLS);
        for (int p = 0; p < parts; p++) {
            int part = p;
            type.withMethodBody("part" + p, EVALUATE, ClassFile.ACC_STATIC,
                    code -> calls(code, part * CALLS, Math.min(loops.size(), (part + 1) * CALLS)));
        }
        type.withMethodBody("evaluate", EVALUATE, ClassFile.ACC_PUBLIC | ClassFile.ACC_FINAL, code -> {
            for (int p = 0; p < parts; p++) {
                code.aload(1).aload(2).aload(3).iload(4).invokestatic(THIS, "part" + p, EVALUATE);
            }
            code.return_();
        });
    }

    private static MethodTypeDesc signature(Loop loop) {
        List<ClassDesc> parameters = new ArrayList<>();
        loop.loads().forEach(id -> parameters.add(BLOCK));
        loop.uniforms().forEach(id -> parameters.add(CD_float));
        loop.stores().forEach(id -> parameters.add(BLOCK));
        parameters.add(CD_int);
        return MethodTypeDesc.of(CD_void, parameters);
    }

    private void calls(CodeBuilder code, int from, int to) {
        for (int l = from; l < to; l++) {
            Loop loop = program.loops().get(l);
            loop.loads().forEach(id -> code.aload(0).loadConstant(id).aaload());
            loop.uniforms().forEach(id -> code.aload(1).loadConstant(id).faload());
            loop.stores().forEach(id -> code.aload(0).loadConstant(id).aaload());
            if (loop.isExponential()) {
                code.aload(2).iload(3).invokestatic(EXP, "apply", MethodTypeDesc.of(CD_void, BLOCK, BLOCK, EXPONENTS, CD_int));
            } else {
                code.iload(3).invokestatic(THIS, "loop" + l, signature(loop));
            }
        }
        code.return_();
    }

    /** Writes one loop's method. Slots: the parameters, the counter, then one for each value that is read or computed. */
    private static final class LoopWriter {
        private final Loop loop;
        private final CodeBuilder code;
        private final Map<Integer, Integer> slots = new HashMap<>();
        private int next;

        LoopWriter(Loop loop, CodeBuilder code) {
            this.loop = loop;
            this.code = code;
        }

        void write() {
            int firstUniform = loop.loads().size();
            int firstStore = firstUniform + loop.uniforms().size();
            int count = firstStore + loop.stores().size();
            int counter = count + 1;
            next = counter + 1;
            for (int u = 0; u < loop.uniforms().size(); u++) {
                slots.put(loop.uniforms().get(u), firstUniform + u);
            }
            Label start = code.newLabel();
            Label end = code.newLabel();
            code.iconst_0().istore(counter).labelBinding(start).iload(counter).iload(count).if_icmpge(end);
            for (int i = 0; i < loop.loads().size(); i++) {
                code.aload(i).iload(counter).faload().fstore(slot(loop.loads().get(i)));
            }
            for (Assignment each : loop.body()) {
                JvmFunctions.emit(code, each.function(), argument -> push(each.arguments().get(argument)));
                code.fstore(slot(each.id()));
            }
            for (int i = 0; i < loop.stores().size(); i++) {
                code.aload(firstStore + i).iload(counter).fload(slots.get(loop.stores().get(i))).fastore();
            }
            code.iinc(counter, 1).goto_(start).labelBinding(end).return_();
        }

        private int slot(int id) {
            return slots.computeIfAbsent(id, _ -> next++);
        }

        private void push(Source source) {
            switch (source) {
                case Source.Value value -> code.fload(slots.get(value.id()));
                case Source.Constant constant -> code.loadConstant(constant.value());
            }
        }
    }
}
