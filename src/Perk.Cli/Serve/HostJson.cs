using System.Globalization;
using System.Text.Json;
using Perk.Core;
using Perk.Core.Storage;

namespace Perk.Cli.Serve;

/// <summary>The queue settings of a Functions app's <c>host.json</c>, for a local host that behaves like that app.</summary>
internal static class HostJson
{
    private static readonly JsonDocumentOptions Lenient =
        new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <summary>Reads <c>extensions.queues</c>; what it does not set keeps its standard value.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="ArgumentException">It is not JSON, or a setting is not of its form; the message names it.</exception>
    public static QueueListenerOptions Read(string file)
    {
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllText(file), Lenient);
            return json.RootElement.TryGetProperty("extensions", out var extensions)
                && extensions.TryGetProperty("queues", out var queues)
                ? Read(queues)
                : new QueueListenerOptions();
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            throw new ArgumentException($"{file} is not a host.json: {Excerpt.OfSentence(e.Message)}", e);
        }
    }

    private static QueueListenerOptions Read(JsonElement queues)
    {
        var options = new QueueListenerOptions();
        foreach (var setting in queues.EnumerateObject())
        {
            try
            {
                options = setting.Name switch
                {
                    // 0 means one, as in Azure.
                    "batchSize" => options with { BatchSize = Math.Max(1, setting.Value.GetInt32()) },
                    "newBatchThreshold" => options with { NewBatchThreshold = setting.Value.GetInt32() },
                    "maxDequeueCount" => options with { MaxDequeueCount = setting.Value.GetInt32() },
                    "visibilityTimeout" => options with { VisibilityTimeout = Span(setting.Value) },
                    "maxPollingInterval" => options with { MaxPollingInterval = Span(setting.Value) },
                    "messageEncoding" when setting.Value.GetString() is not "base64" =>
                        throw new FormatException("bodies are base64."),
                    _ => options,
                };
            }
            catch (Exception e) when (e is FormatException or InvalidOperationException or OverflowException or ArgumentException)
            {
                var reason = e is ArgumentException { ParamName: { } option } ? e.Message.Split($" (Parameter '{option}')")[0] : e.Message;
                throw new FormatException($"extensions.queues.{setting.Name} is {Excerpt.Of(setting.Value)}: {reason}", e);
            }
        }

        return options;
    }

    private static TimeSpan Span(JsonElement value) => TimeSpan.Parse(value.GetString() ?? "", CultureInfo.InvariantCulture);
}
