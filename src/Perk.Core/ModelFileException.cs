namespace Perk.Core;

/// <summary>A file of a model or an adapter is missing, damaged or not what the model asks for.</summary>
/// <param name="file">The file's name or path; the message begins with it.</param>
/// <param name="problem">What is wrong, naming the tensor or key, what was expected and what was found.</param>
/// <param name="inner">The cause, where a library reported it.</param>
public class ModelFileException(string file, string problem, Exception? inner = null)
    : Exception($"{file}: {Excerpt.OfSentence(problem)}", inner)
{
    /// <summary>The file's name or path.</summary>
    public string File { get; } = file;
}
