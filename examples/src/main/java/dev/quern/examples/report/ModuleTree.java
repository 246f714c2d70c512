package dev.quern.examples.report;

import dev.quern.layers.nn.LayerSummary;
import dev.quern.runtime.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * A module with those inside it.
 *
 * @param name       its name within the module around it
 * @param layer      what it is
 * @param output     its output's shape, batch included
 * @param parameters numbers that are trained in it and below
 * @param inner      the modules inside, in the order in which they are built
 */
record ModuleTree(String name, String layer, Shape output, long parameters, List<ModuleTree> inner) {
    /** The outermost modules of a summary, whose rows name outer modules before their inner ones. */
    static List<ModuleTree> of(List<LayerSummary> rows) {
        return below("", rows);
    }

    private static List<ModuleTree> below(String prefix, List<LayerSummary> rows) {
        List<ModuleTree> modules = new ArrayList<>();
        int at = 0;
        while (at < rows.size()) {
            LayerSummary row = rows.get(at);
            int end = at + 1;
            while (end < rows.size() && rows.get(end).path().startsWith(row.path() + ".")) {
                end++;
            }
            List<ModuleTree> inner = below(row.path() + ".", rows.subList(at + 1, end));
            modules.add(new ModuleTree(row.path().substring(prefix.length()), row.layer(), row.output(),
                    row.parameters() + inner.stream().mapToLong(ModuleTree::parameters).sum(), inner));
            at = end;
        }
        return modules;
    }

    /** Whether the other does the same to the same shapes, whatever its name. */
    boolean isLike(ModuleTree other) {
        if (!layer.equals(other.layer) || !output.equals(other.output) || parameters != other.parameters || inner.size() != other.inner.size()) {
            return false;
        }
        for (int i = 0; i < inner.size(); i++) {
            if (!inner.get(i).isLike(other.inner.get(i))) {
                return false;
            }
        }
        return true;
    }

    /** Whether its modules read the same input side by side. */
    boolean isSideBySide() {
        return layer.startsWith("Branches");
    }

    /** Whether its input is added to what it gives. */
    boolean isResidual() {
        return layer.startsWith("Residual");
    }
}
