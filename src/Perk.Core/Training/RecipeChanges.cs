using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Perk.Core.Training;

/// <summary>Fields of a recipe that are set beside its file, such as <c>outer.steps=300</c> or <c>tasks.0.maxLength=256</c>.</summary>
internal static class RecipeChanges
{
    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <summary>The recipe's JSON with the changes made, one after the other.</summary>
    /// <param name="json">The file.</param>
    /// <param name="changes">A path of names and list positions with dots between, <c>=</c>, and the value as JSON, or a text without quotes.</param>
    /// <exception cref="ArgumentException">A change is not of that form, or leads through something that has no fields.</exception>
    /// <exception cref="JsonException">The file is not JSON.</exception>
    internal static byte[] Made(byte[] json, IReadOnlyList<string> changes)
    {
        if (changes.Count == 0) return json;
        var root = JsonNode.Parse(json, documentOptions: Lenient) ?? throw new JsonException("holds null; expected an object.");
        foreach (var change in changes)
        {
            if (change.Split('=', 2) is not [{ Length: > 0 } path, var value])
                throw new ArgumentException($"'{change}' sets nothing; use FIELD=VALUE, such as outer.steps=300.");
            Set(root, path.Split('.'), value, change);
        }

        return JsonSerializer.SerializeToUtf8Bytes(root);
    }

    private static void Set(JsonNode at, string[] path, string value, string change)
    {
        foreach (var (name, next) in path.Zip(path.Skip(1)))
        {
            at = at switch
            {
                JsonObject fields => fields[name] ?? (fields[name] = new JsonObject()),
                JsonArray items when Position(items, name) is { } i && items[i] is { } item => item,
                _ => throw new ArgumentException($"'{change}': there is no {next} in {name}."),
            };
        }

        switch (at)
        {
            case JsonObject fields:
                fields[path[^1]] = Value(value);
                break;
            case JsonArray items when Position(items, path[^1]) is { } i:
                items[i] = Value(value);
                break;
            default:
                throw new ArgumentException($"'{change}': there is nothing called {path[^1]} there.");
        }
    }

    private static int? Position(JsonArray items, string name) =>
        int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var position) && position < items.Count ? position : null;

    private static JsonNode? Value(string value)
    {
        try
        {
            return JsonNode.Parse(value, documentOptions: Lenient);
        }
        catch (JsonException)
        {
            return JsonValue.Create(value);
        }
    }
}
