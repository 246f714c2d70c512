package dev.quern.graph.json;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.quern.runtime.QuernException;
import dev.quern.runtime.Shape;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Records as JSON, led by their declared types: a record is an object of its components, one of a sealed interface says besides
 * which it is; what is {@link Written} is the record that stands for it. Floats are written in hexadecimal, so that every bit comes
 * back. Nothing but these, enums, shapes, lists, texts and numbers can be read, so a text can make no other object.
 */
public final class RecordJson {
    private static final String KIND = "is";

    private RecordJson() {
    }

    /**
     * Writes a value.
     *
     * @param declared the type that it is to be read as
     * @throws QuernException if its type is none of those above, such as code of the user's own
     */
    public static void write(JsonGenerator json, Type declared, Object value) throws IOException {
        switch (value) {
            case Boolean flag -> json.writeBoolean(flag);
            case Integer number -> json.writeNumber(number);
            case Long number -> json.writeString(Long.toString(number));
            case Float number -> json.writeString(Float.toHexString(number));
            case Double number -> json.writeString(Double.toHexString(number));
            case String text -> json.writeString(text);
            case Enum<?> constant -> json.writeString(constant.name());
            case Shape shape -> json.writeArray(shape.toArray(), 0, shape.rank());
            case List<?> list -> {
                json.writeStartArray();
                for (Object element : list) {
                    write(json, element(declared), element);
                }
                json.writeEndArray();
            }
            case Record row -> writeRow(json, declared, row.getClass(), row);
            case Written<?> object -> writeRow(json, declared, object.getClass(), object.form());
            default -> throw new QuernException("is code of its own (" + value.getClass().getSimpleName() + "), which cannot be written down");
        }
    }

    private static void writeRow(JsonGenerator json, Type declared, Class<?> kind, Record row) throws IOException {
        json.writeStartObject();
        if (raw(declared).isSealed()) {
            json.writeStringField(KIND, kind.getSimpleName());
        }
        for (RecordComponent component : row.getClass().getRecordComponents()) {
            json.writeFieldName(component.getName());
            write(json, component.getGenericType(), component(row, component));
        }
        json.writeEndObject();
    }

    private static Object component(Record row, RecordComponent component) {
        try {
            // Records need not be public to be written down.
            component.getAccessor().setAccessible(true);
            return component.getAccessor().invoke(row);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(component + " cannot be read", e);
        }
    }

    /**
     * The value that a tree of {@link JsonTree} stands for.
     *
     * @throws QuernException if the tree is no such value, or the record refuses its components
     */
    public static <T> T read(Class<T> type, Object tree) {
        return type.cast(value(type, tree));
    }

    private static Object value(Type declared, Object tree) {
        Class<?> type = raw(declared);
        if (type == boolean.class && tree instanceof Boolean flag) {
            return flag;
        }
        if ((type == int.class || type == Integer.class) && tree instanceof Double number && number == number.intValue()) {
            return number.intValue();
        }
        if (tree instanceof String text) {
            return text(type, text);
        }
        if (tree instanceof List<?> list) {
            return list(declared, list);
        }
        if (tree instanceof Map<?, ?> object && (type.isRecord() || type.isSealed())) {
            return row(type, object);
        }
        throw unfit(type, tree);
    }

    private static Object text(Class<?> type, String text) {
        try {
            if (type == String.class) {
                return text;
            }
            if (type == float.class) {
                return Float.parseFloat(text);
            }
            if (type == double.class) {
                return Double.parseDouble(text);
            }
            if (type == long.class) {
                return Long.parseLong(text);
            }
        } catch (NumberFormatException e) {
            throw unfit(type, text);
        }
        if (type.isEnum()) {
            return Arrays.stream(type.getEnumConstants()).filter(constant -> ((Enum<?>) constant).name().equals(text)).findFirst()
                    .orElseThrow(() -> unfit(type, text));
        }
        throw unfit(type, text);
    }

    private static Object list(Type declared, List<?> list) {
        Class<?> type = raw(declared);
        if (type == Shape.class) {
            return Shape.of(list.stream().mapToInt(extent -> (int) value(int.class, extent)).toArray());
        }
        if (type != List.class) {
            throw unfit(type, list);
        }
        List<Object> values = new ArrayList<>();
        list.forEach(element -> values.add(value(element(declared), element)));
        return values;
    }

    private static Object row(Class<?> declared, Map<?, ?> object) {
        Class<?> type = declared;
        if (declared.isSealed()) {
            type = Arrays.stream(declared.getPermittedSubclasses()).filter(each -> each.isRecord() || Written.class.isAssignableFrom(each))
                    .filter(each -> each.getSimpleName().equals(object.get(KIND))).findFirst()
                    .orElseThrow(() -> new QuernException("no " + declared.getSimpleName() + " is called " + object.get(KIND)));
        }
        return type.isRecord() ? record(type, object) : ((Written.Form) record(form(type), object)).restored();
    }

    /** The record that a class is written as. */
    static Class<?> form(Class<?> type) {
        return Arrays.stream(type.getGenericInterfaces()).filter(each -> raw(each) == Written.class).map(RecordJson::element).map(RecordJson::raw)
                .findFirst().orElseThrow(() -> new IllegalStateException(type + " does not say what it is written as"));
    }

    private static Object record(Class<?> type, Map<?, ?> object) {
        RecordComponent[] components = type.getRecordComponents();
        Object[] values = new Object[components.length];
        for (int i = 0; i < components.length; i++) {
            Object part = object.get(components[i].getName());
            if (part == null) {
                throw new QuernException(type.getSimpleName() + " lacks its " + components[i].getName());
            }
            values[i] = value(components[i].getGenericType(), part);
        }
        try {
            Constructor<?> canonical = type.getDeclaredConstructor(Arrays.stream(components).map(RecordComponent::getType)
                    .toArray(Class<?>[]::new));
            canonical.setAccessible(true);
            return canonical.newInstance(values);
        } catch (InvocationTargetException e) {
            throw new QuernException(type.getSimpleName() + ": " + e.getCause().getMessage(), e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(type + " cannot be made", e);
        }
    }

    private static Class<?> raw(Type type) {
        return type instanceof ParameterizedType generic ? (Class<?>) generic.getRawType() : (Class<?>) type;
    }

    private static Type element(Type list) {
        return ((ParameterizedType) list).getActualTypeArguments()[0];
    }

    private static QuernException unfit(Class<?> type, Object tree) {
        String text = String.valueOf(tree);
        return new QuernException((text.length() > 40 ? text.substring(0, 40) + "…" : text) + " is no " + type.getSimpleName());
    }
}
