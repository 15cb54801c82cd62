using System.Text;
using System.Text.Json;

namespace Perk.Core.Storage;

/// <summary>A message that was given up, with the reason: the blob <c>deadletters/{queue}/{digits of its body's sha256}.json</c>. The first reason stays.</summary>
/// <param name="V">The form of this record.</param>
/// <param name="Queue">The queue it came from.</param>
/// <param name="MessageId">Its id there.</param>
/// <param name="Reason">What is wrong and what would be right.</param>
/// <param name="Body">The body; bytes that are not UTF-8 are shown as U+FFFD.</param>
/// <param name="Ended">When it was given up.</param>
public sealed record DeadLetter(int V, string Queue, string MessageId, string Reason, string Body, DateTimeOffset Ended)
{
    /// <summary>Stores it.</summary>
    public static Task SaveAsync(
        IObjectStore store, string queue, string messageId, ReadOnlyMemory<byte> body, string reason, DateTimeOffset ended, CancellationToken cancel)
    {
        var letter = new DeadLetter(1, queue, messageId, reason, Encoding.UTF8.GetString(body.Span), ended);
        return store.TryCreateAsync(Names.DeadLetter(queue, body.Span), JsonSerializer.SerializeToUtf8Bytes(letter, Json.Indented), cancel);
    }
}
