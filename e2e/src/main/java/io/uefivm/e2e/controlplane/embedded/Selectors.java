package io.uefivm.e2e.controlplane.embedded;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Label and field selectors of list, watch and delete requests. */
final class Selectors {

    private static final Pattern SET_BASED =
            Pattern.compile("\\s*(\\S+)\\s+(in|notin)\\s*\\(([^)]*)\\)\\s*", Pattern.CASE_INSENSITIVE);
    private static final Pattern EQUALITY = Pattern.compile("\\s*([^=!\\s]+)\\s*(==|=|!=)\\s*(\\S*)\\s*");

    private Selectors() {}

    static Predicate<JsonNode> labels(String selector) {
        return terms(selector).stream().map(Selectors::label).reduce(o -> true, Predicate::and);
    }

    private static Predicate<JsonNode> label(String term) {
        Matcher set = SET_BASED.matcher(term);
        if (set.matches()) {
            String key = set.group(1);
            List<String> values =
                    Arrays.stream(set.group(3).split(",")).map(String::strip).toList();
            return set.group(2).equalsIgnoreCase("in")
                    ? o -> labelsOf(o).has(key)
                            && values.contains(labelsOf(o).path(key).asText())
                    : o -> !values.contains(labelsOf(o).path(key).asText());
        }
        Matcher equality = EQUALITY.matcher(term);
        if (equality.matches()) {
            String key = equality.group(1);
            String value = equality.group(3);
            Predicate<JsonNode> equal =
                    o -> labelsOf(o).has(key) && labelsOf(o).path(key).asText().equals(value);
            return equality.group(2).equals("!=") ? equal.negate() : equal;
        }
        String key = term.strip();
        return key.startsWith("!")
                ? o -> !labelsOf(o).has(key.substring(1).strip())
                : o -> labelsOf(o).has(key);
    }

    private static JsonNode labelsOf(JsonNode object) {
        return object.path("metadata").path("labels");
    }

    /** @throws ApiFailure 400 when the kind has no such selectable field, as the API server answers */
    static Predicate<JsonNode> fields(String selector, Kind kind) {
        return terms(selector).stream().map(t -> field(t, kind)).reduce(o -> true, Predicate::and);
    }

    private static Predicate<JsonNode> field(String term, Kind kind) {
        Matcher m = EQUALITY.matcher(term);
        if (!m.matches()) {
            throw ApiFailure.badRequest("invalid field selector: " + term);
        }
        String field = m.group(1);
        if (!Set.of("metadata.name", "metadata.namespace").contains(field)
                && !kind.selectable().contains(field)) {
            throw ApiFailure.badRequest("field label not supported: " + field);
        }
        Predicate<JsonNode> equal = o -> at(o, field).asText().equals(m.group(3));
        return m.group(2).equals("!=") ? equal.negate() : equal;
    }

    private static JsonNode at(JsonNode object, String path) {
        JsonNode node = object;
        for (String step : path.split("\\.", -1)) {
            node = node.path(step);
        }
        return node;
    }

    /** Splits at the commas outside parentheses. */
    private static List<String> terms(String selector) {
        List<String> terms = new ArrayList<>();
        int depth = 0;
        int start = 0;
        for (int i = 0; i <= selector.length(); i++) {
            char c = i == selector.length() ? ',' : selector.charAt(i);
            depth += c == '(' ? 1 : c == ')' ? -1 : 0;
            if (c == ',' && depth == 0) {
                if (!selector.substring(start, i).isBlank()) {
                    terms.add(selector.substring(start, i));
                }
                start = i + 1;
            }
        }
        return terms;
    }
}
