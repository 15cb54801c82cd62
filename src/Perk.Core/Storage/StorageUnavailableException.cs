namespace Perk.Core.Storage;

/// <summary>The storage account cannot be used.</summary>
/// <param name="message">Why, and what to do.</param>
/// <param name="cause">What the storage library reported.</param>
public sealed class StorageUnavailableException(string message, Exception? cause = null) : Exception(message, cause);
