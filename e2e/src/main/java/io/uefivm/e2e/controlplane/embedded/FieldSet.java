package io.uefivm.e2e.controlplane.embedded;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A set of field paths of one object in the terms of {@code managedFields.fieldsV1}: {@code f:name} is a member,
 * {@code k:{...}} an item of a list that is a map, {@code v:...} an item of a list that is a set.
 */
record FieldSet(Set<List<String>> paths) {

    private static final String SELF = ".";

    FieldSet {
        paths = Set.copyOf(paths);
    }

    static FieldSet empty() {
        return new FieldSet(Set.of());
    }

    /** Every leaf of the object, and every item of its list-maps. */
    static FieldSet of(JsonNode object, Schema schema) {
        Set<List<String>> paths = new HashSet<>();
        collect(object, schema, List.of(), paths);
        return new FieldSet(paths);
    }

    private static void collect(JsonNode value, Schema schema, List<String> at, Set<List<String>> into) {
        if (value.isObject() && !value.isEmpty() && !(schema.isAtomicMap() && !at.isEmpty())) {
            for (Map.Entry<String, JsonNode> member : value.properties()) {
                collect(member.getValue(), schema.child(member.getKey()), plus(at, "f:" + member.getKey()), into);
            }
        } else if (value.isArray() && !schema.keys().isEmpty()) {
            for (JsonNode item : value) {
                List<String> path = plus(at, key(item, schema.keys()));
                into.add(path);
                collect(item, schema.item(), path, into);
            }
        } else if (value.isArray() && schema.isSet()) {
            value.forEach(item -> into.add(plus(at, "v:" + Json.write(item))));
        } else if (!at.isEmpty()) {
            into.add(at);
        }
    }

    static String key(JsonNode item, List<String> keys) {
        ObjectNode key = Json.object();
        keys.forEach(k -> Json.put(key, k, item.path(k)));
        return "k:" + Json.write(key);
    }

    static FieldSet fromFieldsV1(JsonNode fields) {
        Set<List<String>> paths = new HashSet<>();
        read(fields, List.of(), paths);
        return new FieldSet(paths);
    }

    private static void read(JsonNode fields, List<String> at, Set<List<String>> into) {
        if (fields.isEmpty() && !at.isEmpty()) {
            into.add(at);
        }
        for (Map.Entry<String, JsonNode> field : fields.properties()) {
            if (field.getKey().equals(SELF)) {
                into.add(at);
            } else {
                read(field.getValue(), plus(at, field.getKey()), into);
            }
        }
    }

    ObjectNode toFieldsV1() {
        return new Branch(paths).toJson();
    }

    /** The tree below one path element; sorted, so that equal sets are written alike. */
    private static final class Branch {
        private final TreeMap<String, Branch> children = new TreeMap<>();
        private boolean member;

        Branch(Iterable<List<String>> paths) {
            for (List<String> path : paths) {
                Branch branch = this;
                for (String element : path) {
                    branch = branch.children.computeIfAbsent(element, e -> new Branch(List.of()));
                }
                branch.member = true;
            }
        }

        ObjectNode toJson() {
            ObjectNode json = Json.object();
            if (member && !children.isEmpty()) {
                json.putObject(SELF);
            }
            children.forEach((element, branch) -> json.set(element, branch.toJson()));
            return json;
        }
    }

    boolean isEmpty() {
        return paths.isEmpty();
    }

    FieldSet plus(FieldSet other) {
        Set<List<String>> all = new HashSet<>(paths);
        all.addAll(other.paths);
        return new FieldSet(all);
    }

    FieldSet minus(FieldSet other) {
        Set<List<String>> rest = new HashSet<>(paths);
        rest.removeAll(other.paths);
        return new FieldSet(rest);
    }

    /** Those paths whose value differs between the two objects, or which only one of them has. */
    FieldSet whereDifferent(@Nullable JsonNode one, JsonNode other) {
        Set<List<String>> different = new HashSet<>();
        for (List<String> path : paths) {
            JsonNode left = one == null ? null : get(one, path);
            JsonNode right = get(other, path);
            boolean container = path.get(path.size() - 1).startsWith("k:");
            boolean same = container ? (left == null) == (right == null) : java.util.Objects.equals(left, right);
            if (!same) {
                different.add(path);
            }
        }
        return new FieldSet(different);
    }

    /** The value at the path, or null when there is none. */
    static @Nullable JsonNode get(JsonNode object, List<String> path) {
        JsonNode node = object;
        for (String element : path) {
            JsonNode next = step(node, element);
            if (next == null) {
                return null;
            }
            node = next;
        }
        return node;
    }

    private static @Nullable JsonNode step(JsonNode node, String element) {
        String rest = element.substring(2);
        if (element.startsWith("f:")) {
            JsonNode child = node.path(rest);
            return child.isMissingNode() ? null : child;
        }
        int index = indexOf(node, element);
        return index < 0 ? null : node.path(index);
    }

    private static int indexOf(JsonNode list, String element) {
        JsonNode wanted = Json.read("{\"x\":" + element.substring(2) + "}").path("x");
        for (int i = 0; i < list.size(); i++) {
            JsonNode item = list.path(i);
            boolean match = element.startsWith("k:")
                    ? wanted.properties().stream().allMatch(k -> k.getValue().equals(item.path(k.getKey())))
                    : wanted.equals(item);
            if (match) {
                return i;
            }
        }
        return -1;
    }

    /**
     * Removes all these paths from the object, and what is left empty by that. An item goes before its fields: once its
     * key is gone, it could not be found any more.
     */
    void removeFrom(ObjectNode object) {
        paths.stream().sorted(Comparator.comparingInt(List::size)).forEach(path -> remove(object, path, 0));
    }

    private static void remove(JsonNode node, List<String> path, int at) {
        String element = path.get(at);
        boolean last = at == path.size() - 1;
        JsonNode child = step(node, element);
        if (child == null) {
            return;
        }
        if (!last) {
            remove(child, path, at + 1);
        }
        if (last || (child.isContainerNode() && child.isEmpty())) {
            if (node instanceof ObjectNode parent) {
                parent.remove(element.substring(2));
            } else if (node instanceof ArrayNode parent) {
                parent.remove(indexOf(parent, element));
            }
        }
    }

    /** In the notation of conflict messages: {@code .spec.disks[name="root"].bus}. */
    static String describe(List<String> path) {
        StringBuilder text = new StringBuilder();
        for (String element : path) {
            String rest = element.substring(2);
            switch (element.charAt(0)) {
                case 'f' -> text.append('.').append(rest);
                case 'k' -> {
                    List<String> keys = new ArrayList<>();
                    Json.readObject(rest).properties().forEach(k -> keys.add(k.getKey() + "=" + k.getValue()));
                    text.append('[').append(String.join(",", keys)).append(']');
                }
                default -> text.append("[=").append(rest).append(']');
            }
        }
        return text.toString();
    }

    private static List<String> plus(List<String> path, String element) {
        List<String> longer = new ArrayList<>(path);
        longer.add(element);
        return List.copyOf(longer);
    }
}
