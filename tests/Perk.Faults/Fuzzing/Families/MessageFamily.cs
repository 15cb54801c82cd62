using System.Text;
using Perk.Core;
using Perk.Core.Storage;

namespace Perk.Faults.Fuzzing.Families;

/// <summary>Bodies of queue messages: read, or refused by a <see cref="MessageFormatException"/>.</summary>
internal abstract class MessageFamily : Family
{
    /// <summary>An id of a collection.</summary>
    protected const string Collection = "notes-2026";

    /// <summary>A trace context.</summary>
    protected const string Trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    /// <inheritdoc/>
    public override int Weight => 200;

    /// <inheritdoc/>
    public override bool IsRefusal(Exception e) => e is MessageFormatException;

    /// <inheritdoc/>
    public override bool NamesInput(Exception refusal) =>
        refusal.Message.StartsWith("Message field '", StringComparison.Ordinal) || refusal.Message.StartsWith("The message ", StringComparison.Ordinal);

    /// <summary>64 hexadecimal digits.</summary>
    protected static string Id(string of) => Ids.Sha256(of);

    /// <summary>An input of one message.</summary>
    protected static Sample Message(string name, string json) => new(name, "message.json", Encoding.UTF8.GetBytes(json));

    /// <summary>A message must be readable again once it was written: jobs are replayed so.</summary>
    protected static void RequireSame(string written, Func<string, string> again) =>
        UnusableException.Require(UnusableException.Unless("reading again what was written", () => again(written)) == written, "what is written of it reads otherwise");
}
