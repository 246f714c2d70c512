// Purpose: turns preprocessed CUDA C++ into C++. These have no spelling in C++ that a macro could give:
//
//   __global__                     removed; the function's name is kept for the table at the end
//   __launch_bounds__(a, …)        removed; a is kept for the table
//   __shared__                     becomes static, in a section of its own: each worker process runs one block at a time
//   extern __shared__ T name[];    becomes extern T name[] with the assembler name of the worker's array
//   asm("a.b.c %0, %1;" : … : …)   becomes emulated_ptx::a_b_c(operand, operand); several instructions become several calls
//
// Everything else, lines and their markers among it, stays as it is.

#include "kernel_text.h"

#include <cctype>
#include <vector>

namespace emulated {
namespace {

struct Kernel {
    std::string name;
    std::string most_threads;
};

bool begins_name(char c) { return std::isalpha((unsigned char)c) || c == '_'; }
bool inside_name(char c) { return std::isalnum((unsigned char)c) || c == '_'; }

std::string trimmed(const std::string& text) {
    const size_t first = text.find_first_not_of(" \t\r\n");
    return first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

class Rewriter {
  public:
    explicit Rewriter(const std::string& text) : text(text) {}

    std::string run() {
        while (at < text.size()) {
            const char c = text[at];
            if (c == '#' && (at == 0 || text[at - 1] == '\n')) {
                copy_to(line_end(at));
            } else if (c == '"' || c == '\'') {
                copy_to(literal_end(at));
            } else if (std::isdigit((unsigned char)c)) {
                size_t end = at;
                while (end < text.size() && (inside_name(text[end]) || text[end] == '.')) end++;
                copy_to(end);
            } else if (begins_name(c)) {
                name();
            } else {
                copy_to(at + 1);
            }
        }
        return out + table();
    }

  private:
    void copy_to(size_t end) {
        out.append(text, at, end - at);
        at = end;
    }

    // Leaves out what was read, except its line ends.
    void drop_to(size_t end) {
        for (; at < end; at++) {
            if (text[at] == '\n') out += '\n';
        }
    }

    size_t line_end(size_t from) const {
        const size_t end = text.find('\n', from);
        return end == std::string::npos ? text.size() : end;
    }

    size_t literal_end(size_t from) const {
        size_t end = from + 1;
        while (end < text.size() && text[end] != text[from]) end += text[end] == '\\' ? 2 : 1;
        return std::min(end + 1, text.size());
    }

    size_t skip_space(size_t from) const {
        while (from < text.size() && (std::isspace((unsigned char)text[from]))) from++;
        return from;
    }

    // The end of what stands in parentheses from `open` on, behind the closing one.
    size_t closing(size_t open) const {
        int depth = 0;
        for (size_t i = open; i < text.size(); i++) {
            if (text[i] == '"' || text[i] == '\'') {
                i = literal_end(i) - 1;
            } else if (text[i] == '(') {
                depth++;
            } else if (text[i] == ')' && --depth == 0) {
                return i + 1;
            }
        }
        throw TextError("a parenthesis is not closed");
    }

    void name() {
        size_t end = at;
        while (end < text.size() && inside_name(text[end])) end++;
        const std::string word = text.substr(at, end - at);
        if (word == "__global__") {
            awaited = true;
            bounds = "1024";
            drop_to(end);
        } else if (word == "__launch_bounds__") {
            const size_t open = skip_space(end);
            if (open >= text.size() || text[open] != '(') throw TextError("__launch_bounds__ without its numbers");
            const size_t close = closing(open);
            bounds = split(text.substr(open + 1, close - open - 2), ',').front();
            drop_to(close);
        } else if (word == "extern" && text.compare(skip_space(end), 10, "__shared__") == 0) {
            dynamic_shared(end);
        } else if (word == "__shared__") {
            // Arrays begin on lines of their own, so that there are gaps between them.
            out += "static __attribute__((section(\"quern_shared\"), aligned(64)))";
            drop_to(end);
        } else if (word == "asm") {
            inline_ptx(end);
        } else {
            if (awaited && skip_space(end) < text.size() && text[skip_space(end)] == '(') {
                kernels.push_back({word, bounds});
                awaited = false;
            }
            copy_to(end);
        }
    }

    void dynamic_shared(size_t end) {
        copy_to(end);
        drop_to(skip_space(end) + 10);
        const size_t semicolon = text.find(';', at);
        if (semicolon == std::string::npos) throw TextError("extern __shared__ without ';'");
        copy_to(semicolon);
        out += " __asm__(\"emulated_dynamic_shared\")";
    }

    void inline_ptx(size_t end) {
        size_t open = skip_space(end);
        if (text.compare(open, 8, "volatile") == 0) open = skip_space(open + 8);
        if (open >= text.size() || text[open] != '(') throw TextError("asm without its text");
        const size_t close = closing(open);
        const std::string inside = text.substr(open + 1, close - open - 2);
        const std::vector<std::string> parts = split(inside, ':');
        std::vector<std::string> operands;
        for (size_t i = 1; i < parts.size() && i < 3; i++) {
            for (const std::string& each : split(parts[i], ',')) {
                const size_t first = each.find('(');
                if (first != std::string::npos) operands.push_back(each.substr(first, each.rfind(')') - first + 1));
            }
        }
        std::string calls = "(";
        for (const std::string& instruction : split(literals(parts.front()), ';')) {
            if (!trimmed(instruction).empty()) calls += (calls.size() > 1 ? ", " : "") + call(trimmed(instruction), operands);
        }
        out += calls.size() > 1 ? calls + ")" : "((void)0)";
        drop_to(close);
    }

    // The contents of string literals that stand side by side.
    std::string literals(const std::string& part) const {
        std::string joined;
        for (size_t i = 0; i < part.size(); i++) {
            if (part[i] != '"') continue;
            for (i++; i < part.size() && part[i] != '"'; i++) {
                if (part[i] != '\\') {
                    joined += part[i];
                } else if (++i < part.size()) {
                    joined += ' ';
                }
            }
        }
        return joined;
    }

    static std::string call(const std::string& instruction, const std::vector<std::string>& operands) {
        size_t end = 0;
        std::string function = "emulated_ptx::";
        for (; end < instruction.size() && !std::isspace((unsigned char)instruction[end]); end++) {
            function += inside_name(instruction[end]) ? instruction[end] : '_';
        }
        std::string arguments;
        for (; end < instruction.size(); end++) {
            const char c = instruction[end];
            if (c == '%' && end + 1 < instruction.size() && std::isdigit((unsigned char)instruction[end + 1])) {
                size_t number = 0;
                while (end + 1 < instruction.size() && std::isdigit((unsigned char)instruction[end + 1])) {
                    number = number * 10 + (instruction[++end] - '0');
                }
                if (number >= operands.size()) throw TextError("inline PTX \"" + instruction + "\" has no operand " + std::to_string(number));
                arguments += operands[number];
            } else if (c != '[' && c != ']' && c != '{' && c != '}') {
                arguments += c;
            }
        }
        return function + "(" + trimmed(arguments) + ")";
    }

    // Parts between separators that stand in no parentheses or literals.
    std::vector<std::string> split(const std::string& whole, char separator) const {
        std::vector<std::string> parts(1);
        int depth = 0;
        for (size_t i = 0; i < whole.size(); i++) {
            const char c = whole[i];
            if (c == '"') {
                const size_t from = i++;
                while (i < whole.size() && whole[i] != '"') i += whole[i] == '\\' ? 2 : 1;
                parts.back().append(whole, from, i - from + 1);
                continue;
            }
            depth += c == '(' || c == '[' || c == '{' ? 1 : c == ')' || c == ']' || c == '}' ? -1 : 0;
            if (c == separator && depth == 0) {
                parts.emplace_back();
            } else {
                parts.back() += c;
            }
        }
        return parts;
    }

    std::string table() const {
        std::string rows;
        for (const Kernel& kernel : kernels) {
            rows += "    emulated_entry<" + kernel.name + ">::describe(\"" + kernel.name + "\", " + kernel.most_threads + "),\n";
        }
        return "\n# 1 \"kernels of this program\"\n"
               "extern \"C\" __attribute__((visibility(\"default\"))) const emulated_kernel quern_emulated_kernels[] = {\n"
               + rows + "    {nullptr, 0, 0, nullptr, nullptr, nullptr}};\n";
    }

    const std::string& text;
    size_t at = 0;
    std::string out;
    bool awaited = false;
    std::string bounds;
    std::vector<Kernel> kernels;
};

}

std::string rewrite_kernels(const std::string& preprocessed) { return Rewriter(preprocessed).run(); }

}
