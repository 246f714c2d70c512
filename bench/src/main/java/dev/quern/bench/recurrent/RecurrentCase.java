package dev.quern.bench.recurrent;

import dev.quern.bench.suite.BenchCase;
import dev.quern.bench.suite.Bout;
import dev.quern.kernels.recurrent.RecurrentCell;
import dev.quern.kernels.recurrent.RecurrentForwardProblem;
import dev.quern.kernels.recurrent.RecurrentGeometry;
import dev.quern.kernels.Variant;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.select.Families;
import dev.quern.kernels.select.Pins;
import dev.quern.kernels.select.Selector;
import dev.quern.kernels.tune.Tuning;
import dev.quern.runtime.Device;
import dev.quern.runtime.DeviceInfo;
import java.util.List;

/**
 * A recurrent layer forward and backward. Its variants are those of the recurrence; the matrix products beside it are chosen
 * as in any plan.
 *
 * @param cell     the layer's cell
 * @param steps    T
 * @param batch    N
 * @param features I
 * @param hidden   H
 */
record RecurrentCase(RecurrentCell cell, int steps, int batch, int features, int hidden) implements BenchCase {
    @Override
    public String name() {
        return cell.label() + "/" + steps + "," + batch + "," + features + "," + hidden;
    }

    @Override
    public String pass() {
        return "training";
    }

    RecurrentForwardProblem forward() {
        return new RecurrentForwardProblem(RecurrentGeometry.of(cell, steps, batch, hidden).with(false, true, false, false),
                true, features);
    }

    @Override
    public List<String> variants(DeviceInfo device) {
        Selector selector = new Selector(Families.load(), device, Pins.none());
        return selector.families().variantsFor(forward()).stream()
                .filter(variant -> selector.supports(variant, forward(), Epilogue.none()).yes()).map(Variant::name).toList();
    }

    @Override
    public List<String> chosen(DeviceInfo device) {
        return List.of(new Selector(Families.load(), device, Pins.none(), Tuning.of(device))
                .choose(name(), forward(), Epilogue.none()).variant().name());
    }

    @Override
    public Bout open(Device device, List<String> variants) {
        return new RecurrentBout(this, device, variants);
    }
}
