namespace Perk.Core.Storage;

/// <summary>A queue message that can never be worked on, however often it is tried.</summary>
/// <param name="message">Which field is wrong, how, and what is right.</param>
public sealed class MessageFormatException(string message) : FormatException(Excerpt.OfSentence(message))
{
    internal static MessageFormatException For(string field, string fault) => new($"Message field '{field}': {fault}");
}
