namespace Perk.Core.Documents;

/// <summary>A document cannot be read as text: it is empty, too large, or not text. Trying again will not help.</summary>
/// <param name="message">A sentence that says what is wrong and what would be right; it does not name the document.</param>
public sealed class DocumentException(string message) : Exception(message);
