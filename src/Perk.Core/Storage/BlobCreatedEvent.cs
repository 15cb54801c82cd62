using System.Text.Json;
using Azure.Messaging;
using Azure.Messaging.EventGrid;
using Azure.Messaging.EventGrid.SystemEvents;
using Azure.Storage.Blobs;

namespace Perk.Core.Storage;

/// <summary>A message on <see cref="Names.ArrivalsQueue"/>: Event Grid tells of a blob that was written.</summary>
/// <param name="Container">The container.</param>
/// <param name="Path">The blob's name in it.</param>
public sealed record BlobCreatedEvent(string Container, string Path)
{
    /// <summary>Reads a message body: one event or a list, in Event Grid's schema or as CloudEvents 1.0.</summary>
    /// <returns>The blobs that were written; events of other kinds are left out.</returns>
    /// <exception cref="MessageFormatException">It is neither; the text says what is right.</exception>
    public static IReadOnlyList<BlobCreatedEvent> Parse(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            var first = json.RootElement.ValueKind == JsonValueKind.Array ? json.RootElement.EnumerateArray().FirstOrDefault() : json.RootElement;
            if (first.ValueKind != JsonValueKind.Object) throw new FormatException("it is no event");
            var data = first.TryGetProperty("specversion", out _)
                ? CloudEvent.ParseMany(new BinaryData(body)).Select(e => e.TryGetSystemEventData(out var known) ? known : null)
                : EventGridEvent.ParseMany(new BinaryData(body)).Select(e => e.TryGetSystemEventData(out var known) ? known : null);
            return [.. data.OfType<StorageBlobCreatedEventData>().Select(Of)];
        }
        catch (Exception e) when (e is JsonException or FormatException or ArgumentException or InvalidOperationException)
        {
            throw new MessageFormatException($"The message is no event of Event Grid ({Excerpt.OfSentence(e.Message)}); it must be one, or a list of them, in the Event Grid schema or as CloudEvents 1.0.");
        }
    }

    private static BlobCreatedEvent Of(StorageBlobCreatedEventData data)
    {
        var blob = new BlobUriBuilder(new Uri(data.Url));
        return blob is { BlobContainerName.Length: > 0, BlobName.Length: > 0 }
            ? new BlobCreatedEvent(blob.BlobContainerName, blob.BlobName)
            : throw new FormatException("its data.url names no blob");
    }
}
